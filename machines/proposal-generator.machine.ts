import { setup } from 'xstate';

/** What moves the proposal generator from one phase to another. */
export type ProposalGeneratorEvent =
  | { type: 'machineInitialized' }
  /** The machine threw, or the log that it is rebuilt from could not be read. */
  | { type: 'machineFailed' }
  | { type: 'leadershipGained' }
  | { type: 'leadershipLost' }
  /** No command waits to be proposed. */
  | { type: 'poolDrained' }
  /** Some commands wait, fewer than a body takes. */
  | { type: 'poolFilling' }
  /** A body's worth of commands waits. */
  | { type: 'poolFull' }
  | { type: 'stopRequested' }
  /** Every committed block is executed and every question to the machine answered. */
  | { type: 'executionFinished' };

/**
 * Phases of the actor that owns the state machine. While it validates, other replicas propose and it only executes;
 * while it proposes, what waits in the pool decides whether a body may wait for company.
 */
export const proposalGeneratorMachine = setup({
  types: { events: {} as ProposalGeneratorEvent },
  actions: {
    answerHeldBody: () => {},
    reportStopped: () => {},
  },
}).createMachine({
  id: 'proposalGenerator',
  initial: 'rebuilding',
  states: {
    rebuilding: {
      on: {
        machineInitialized: 'validating',
        machineFailed: 'failed',
        stopRequested: 'stopped',
      },
    },
    validating: {
      on: { leadershipGained: 'proposing', machineFailed: 'failed', stopRequested: 'stopping' },
    },
    proposing: {
      initial: 'drained',
      on: { leadershipLost: 'validating', machineFailed: 'failed', stopRequested: 'stopping' },
      states: {
        drained: { on: { poolFilling: 'filling', poolFull: 'full' } },
        filling: { exit: 'answerHeldBody', on: { poolDrained: 'drained', poolFull: 'full' } },
        full: { on: { poolDrained: 'drained', poolFilling: 'filling' } },
      },
    },
    stopping: {
      on: { executionFinished: 'stopped', machineFailed: 'failed' },
    },
    failed: { on: { stopRequested: 'stopped' } },
    stopped: { type: 'final', entry: 'reportStopped' },
  },
});
