import { setup } from 'xstate';
import { compile, type StateOf } from './compile.js';

/**
 * A replica's life (DESIGN section 5). `recovering`: the store is read and the machine rebuilt. `syncing`: connected, but
 * blocks below the high QC are missing. `active`: it holds all it knows of. `draining`: an orderly stop is under way, one
 * part after the other. `stopped` and `failed` are final.
 */
export const replicaMachine = setup({
  types: {
    events: {} as
      | { type: 'recovered' }
      | { type: 'caughtUp' }
      | { type: 'fellBehind' }
      | { type: 'stopRequested' }
      | { type: 'partStopped' }
      | { type: 'drained' }
      | { type: 'failed' },
  },
  actions: {
    openConnections: () => {},
    stopNextPart: () => {},
    reportStopped: () => {},
    reportFailure: () => {},
  },
}).createMachine({
  id: 'replica',
  initial: 'recovering',
  states: {
    recovering: {
      on: {
        recovered: { target: 'syncing', actions: 'openConnections' },
        stopRequested: { target: 'draining', actions: 'stopNextPart' },
        failed: { target: 'failed', actions: 'reportFailure' },
      },
    },
    syncing: {
      on: {
        caughtUp: 'active',
        stopRequested: { target: 'draining', actions: 'stopNextPart' },
        failed: { target: 'failed', actions: 'reportFailure' },
      },
    },
    active: {
      on: {
        fellBehind: 'syncing',
        stopRequested: { target: 'draining', actions: 'stopNextPart' },
        failed: { target: 'failed', actions: 'reportFailure' },
      },
    },
    draining: {
      on: {
        partStopped: { target: 'draining', actions: 'stopNextPart' },
        drained: { target: 'stopped', actions: 'reportStopped' },
        failed: { target: 'failed', actions: 'reportFailure' },
      },
    },
    stopped: { type: 'final' },
    failed: { type: 'final' },
  },
});

/** Where a replica is in its life: `recovering`, `active` and so on. */
export type ReplicaPhase = StateOf<typeof replicaMachine>;

/** What steps a replica through {@link replicaMachine}. It keeps no state. */
export const replicaChart = compile(replicaMachine);
