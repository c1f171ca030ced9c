import { setup } from 'xstate';

type DoorEvent =
  | { type: 'opened' }
  | { type: 'closed' }
  | { type: 'keyTurned'; fits: boolean }
  | { type: 'knocked' }
  | { type: 'removed' };

/** A small chart with all that charts here may use: nested states, guards on the event, named actions, a final state. */
export const doorMachine = setup({
  types: { events: {} as DoorEvent },
  guards: { keyFits: ({ event }) => event.type === 'keyTurned' && event.fits },
  actions: {
    letAirIn: () => {},
    keepAirOut: () => {},
    clunk: () => {},
    rattle: () => {},
    answer: () => {},
    light: () => {},
    darken: () => {},
  },
}).createMachine({
  id: 'door',
  initial: 'shut',
  on: { removed: '.gone' },
  states: {
    shut: {
      initial: 'unlocked',
      entry: 'keepAirOut',
      on: { knocked: { actions: 'answer' }, keyTurned: { actions: 'rattle' } },
      states: {
        unlocked: {
          on: { opened: '#door.open', keyTurned: { guard: 'keyFits', target: 'locked', actions: 'clunk' } },
        },
        locked: {
          entry: 'darken',
          exit: 'light',
          on: { keyTurned: { guard: 'keyFits', target: 'unlocked', actions: 'clunk' }, knocked: {} },
        },
      },
    },
    open: { entry: 'letAirIn', exit: 'keepAirOut', on: { closed: 'shut', opened: { target: 'open', reenter: true } } },
    gone: { type: 'final' },
  },
});
