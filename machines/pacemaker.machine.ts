import { setup } from 'xstate';
import { compile } from './compile.js';

/**
 * When this replica proposes, and when it gives up a tenure (DESIGN section 4, Pacemaker).
 * `following`: another replica leads. `leading.unstable`: this one leads by a TC or since a start, and none of its blocks
 * has been certified since, so it proposes at once whatever there is. `leading.stable`: with work it proposes at once,
 * without work one empty block a heartbeat; so does who takes its turn by a QC, or short tenures would never be idle. `timedOut`: it signed a Timeout and signs nothing else until the tenure is left.
 * Source: HotStuff, arXiv:1803.05069, Alg. 5 (pacemaker skeleton); Jolteon, arXiv:2106.10362, for the Timeouts.
 */
export const pacemakerMachine = setup({
  types: {
    events: {} as
      | { type: 'enteredFollowing' }
      | { type: 'enteredLeading' }
      | { type: 'tookTurn' }
      | { type: 'certified' }
      | { type: 'enteredGivenUp' }
      | { type: 'gaveUp' }
      | { type: 'viewTimerExpired' }
      | { type: 'commandTimerExpired' }
      | { type: 'workArrived' }
      | { type: 'heartbeatDue' },
  },
  actions: {
    restartViewTimer: () => {},
    proposeNext: () => {},
    proposeOrWait: () => {},
    proposeEmpty: () => {},
    giveUpTenure: () => {},
  },
}).createMachine({
  id: 'pacemaker',
  initial: 'following',
  states: {
    following: {
      on: {
        enteredFollowing: { target: 'following', actions: 'restartViewTimer' },
        enteredLeading: { target: 'leading', actions: ['restartViewTimer', 'proposeNext'] },
        tookTurn: { target: 'leading.stable', actions: ['restartViewTimer', 'proposeOrWait'] },
        gaveUp: 'timedOut',
        viewTimerExpired: { target: 'timedOut', actions: ['restartViewTimer', 'giveUpTenure'] },
        commandTimerExpired: { target: 'timedOut', actions: 'giveUpTenure' },
      },
    },
    leading: {
      initial: 'unstable',
      states: {
        unstable: {
          on: { certified: { target: 'stable', actions: ['restartViewTimer', 'proposeOrWait'] } },
        },
        stable: {
          on: {
            certified: { target: 'stable', actions: ['restartViewTimer', 'proposeOrWait'] },
            workArrived: { target: 'stable', actions: 'proposeNext' },
            heartbeatDue: { target: 'stable', actions: 'proposeEmpty' },
          },
        },
      },
      on: {
        enteredFollowing: { target: 'following', actions: 'restartViewTimer' },
        enteredLeading: { target: 'leading', actions: ['restartViewTimer', 'proposeNext'] },
        tookTurn: { target: 'leading.stable', actions: ['restartViewTimer', 'proposeOrWait'] },
        gaveUp: 'timedOut',
        viewTimerExpired: { target: 'timedOut', actions: ['restartViewTimer', 'giveUpTenure'] },
        commandTimerExpired: { target: 'timedOut', actions: 'giveUpTenure' },
      },
    },
    timedOut: {
      on: {
        enteredFollowing: { target: 'following', actions: 'restartViewTimer' },
        enteredLeading: { target: 'leading', actions: ['restartViewTimer', 'proposeNext'] },
        tookTurn: { target: 'leading.stable', actions: ['restartViewTimer', 'proposeOrWait'] },
        enteredGivenUp: { target: 'timedOut', actions: 'restartViewTimer' },
        viewTimerExpired: { target: 'timedOut', actions: ['restartViewTimer', 'giveUpTenure'] },
      },
    },
  },
});

/** What steps an automatic pacemaker through {@link pacemakerMachine}. It keeps no state. */
export const pacemakerChart = compile(pacemakerMachine);
