/** The statechart of fetching blocks that consensus lacks. */
import { setup } from 'xstate';
import { type ActionOf, compile, type EventOf, type StateOf } from './compile.js';

/**
 * `complete`: consensus lacks nothing. `behind`: it lacks a certified block or an ancestor of one, and either a peer was
 * asked (`asking`), or consensus first has to take in what came (`delivering`), or nobody can be asked now and a timer
 * runs until one can (`resting`). One peer is asked at a time (DESIGN section 4, Fetching).
 */
export const syncMachine = setup({
  types: {
    events: {} as
      | { type: 'blocksMissing' }
      | { type: 'nothingMissing' }
      | { type: 'asked' }
      | { type: 'nobodyToAsk' }
      /** Consensus has taken in all that was fetched and still lacks the block. */
      | { type: 'deliveredInVain' }
      | { type: 'answered' }
      /** The peer that was asked is gone. */
      | { type: 'sourceLost' }
      | { type: 'peerConnected' }
      | { type: 'timerExpired' }
      | { type: 'stopRequested' },
  },
  actions: {
    startAnswerTimer: () => {},
    startRetryTimer: () => {},
    cancelTimer: () => {},
    setSourceAside: () => {},
    forgetTarget: () => {},
  },
}).createMachine({
  id: 'sync',
  initial: 'complete',
  on: { stopRequested: { target: '.stopped', actions: 'forgetTarget' } },
  states: {
    complete: {
      on: { blocksMissing: 'behind' },
    },
    behind: {
      initial: 'delivering',
      on: { nothingMissing: { target: 'complete', actions: 'forgetTarget' } },
      states: {
        delivering: {
          on: { asked: 'asking', nobodyToAsk: 'resting', deliveredInVain: 'resting' },
        },
        asking: {
          entry: 'startAnswerTimer',
          exit: 'cancelTimer',
          on: {
            answered: 'delivering',
            sourceLost: 'delivering',
            timerExpired: { target: 'delivering', actions: 'setSourceAside' },
          },
        },
        resting: {
          entry: 'startRetryTimer',
          exit: 'cancelTimer',
          on: { timerExpired: 'delivering', peerConnected: 'delivering' },
        },
      },
    },
    stopped: { type: 'final' },
  },
});

/** What steps the fetching of blocks through {@link syncMachine}. It keeps no state. */
export const syncChart = compile(syncMachine);
/** How fetching stands: `complete`, `behind.asking` and so on. */
export type SyncPhase = StateOf<typeof syncMachine>;
/** The name of something that happens to fetching; none of them carries data. */
export type SyncEvent = EventOf<typeof syncMachine>['type'];
/** The name of something that a step asks of the sync actor. */
export type SyncAction = ActionOf<typeof syncMachine>;
