import { setup } from 'xstate';

/** What moves the proposal generator from one phase to another. */
export type ProposalGeneratorEvent =
  | { type: 'machineInitialized' }
  /** The machine threw, or the log that it is rebuilt from could not be read. */
  | { type: 'machineFailed' }
  | { type: 'leadershipGained' }
  | { type: 'leadershipLost' }
  /** Nothing waits to be proposed: no command, no proposal of a speculative machine. */
  | { type: 'poolDrained' }
  /** Some commands wait, fewer than a body takes; or fewer proposals than the buffer should hold. */
  | { type: 'poolFilling' }
  /** A body's worth of commands waits, or the buffer holds its target of proposals. */
  | { type: 'poolFull' }
  /** The chain has left behind what a speculative machine has built on it. */
  | { type: 'diverged' }
  /** The machine is back at the last committed block. */
  | { type: 'machineRewound' }
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
    rewindMachine: () => {},
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
      on: {
        leadershipGained: 'proposing',
        diverged: 'rewinding.following',
        machineFailed: 'failed',
        stopRequested: 'stopping',
      },
    },
    proposing: {
      initial: 'drained',
      on: {
        leadershipLost: 'validating',
        diverged: 'rewinding.leading',
        machineFailed: 'failed',
        stopRequested: 'stopping',
      },
      states: {
        drained: { on: { poolFilling: 'filling', poolFull: 'full' } },
        filling: { exit: 'answerHeldBody', on: { poolDrained: 'drained', poolFull: 'full' } },
        full: { on: { poolDrained: 'drained', poolFilling: 'filling' } },
      },
    },
    rewinding: {
      entry: 'rewindMachine',
      initial: 'following',
      on: { machineFailed: 'failed', stopRequested: 'stopping' },
      states: {
        following: { on: { machineRewound: '#proposalGenerator.validating', leadershipGained: 'leading' } },
        leading: { on: { machineRewound: '#proposalGenerator.proposing', leadershipLost: 'following' } },
      },
    },
    stopping: {
      on: {
        diverged: { target: 'stopping', actions: 'rewindMachine' },
        executionFinished: 'stopped',
        machineFailed: 'failed',
      },
    },
    failed: { on: { stopRequested: 'stopped' } },
    stopped: { type: 'final', entry: 'reportStopped' },
  },
});
