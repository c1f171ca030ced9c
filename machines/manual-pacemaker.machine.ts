import { setup } from 'xstate';
import { compile } from './compile.js';

/**
 * When this replica proposes, where its application says so (DESIGN section 4, Manual pacemaker), and when it gives up a
 * tenure, which it does as the automatic one does. `following`: another replica leads. `leading.ready`: this one may
 * propose in the present view. `leading.proposed`: it was asked to, and there is one proposal a view. `timedOut`: it signed
 * a Timeout, asked by its application or because the time of the tenure was over.
 * Source: HotStuff, arXiv:1803.05069, Alg. 5 (onBeat is the application's).
 */
export const manualPacemakerMachine = setup({
  types: {
    events: {} as
      | { type: 'enteredFollowing' }
      | { type: 'enteredLeading' }
      | { type: 'enteredGivenUp' }
      | { type: 'gaveUp' }
      | { type: 'viewTimerExpired' }
      | { type: 'commandTimerExpired' }
      | { type: 'proposalRequested' }
      | { type: 'viewChangeRequested' },
  },
  actions: {
    restartViewTimer: () => {},
    propose: () => {},
    giveUpTenure: () => {},
  },
}).createMachine({
  id: 'manualPacemaker',
  initial: 'following',
  states: {
    following: {
      on: {
        enteredFollowing: { target: 'following', actions: 'restartViewTimer' },
        enteredLeading: { target: 'leading', actions: 'restartViewTimer' },
        gaveUp: 'timedOut',
        viewTimerExpired: { target: 'timedOut', actions: ['restartViewTimer', 'giveUpTenure'] },
        commandTimerExpired: { target: 'timedOut', actions: 'giveUpTenure' },
        viewChangeRequested: { target: 'timedOut', actions: 'giveUpTenure' },
      },
    },
    leading: {
      initial: 'ready',
      states: {
        ready: { on: { proposalRequested: { target: 'proposed', actions: 'propose' } } },
        proposed: {},
      },
      on: {
        enteredFollowing: { target: 'following', actions: 'restartViewTimer' },
        enteredLeading: { target: 'leading', actions: 'restartViewTimer' },
        gaveUp: 'timedOut',
        viewTimerExpired: { target: 'timedOut', actions: ['restartViewTimer', 'giveUpTenure'] },
        commandTimerExpired: { target: 'timedOut', actions: 'giveUpTenure' },
        viewChangeRequested: { target: 'timedOut', actions: 'giveUpTenure' },
      },
    },
    timedOut: {
      on: {
        enteredFollowing: { target: 'following', actions: 'restartViewTimer' },
        enteredLeading: { target: 'leading', actions: 'restartViewTimer' },
        enteredGivenUp: { target: 'timedOut', actions: 'restartViewTimer' },
        viewTimerExpired: { target: 'timedOut', actions: ['restartViewTimer', 'giveUpTenure'] },
      },
    },
  },
});

/** What steps a manual pacemaker through {@link manualPacemakerMachine}. It keeps no state. */
export const manualPacemakerChart = compile(manualPacemakerMachine);
