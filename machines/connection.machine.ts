/** The statechart of the connection between one pair of replicas, as either of them sees it. */
import { setup } from 'xstate';
import { type ActionOf, compile, type EventOf, type StateOf } from './compile.js';

type ConnectionChartEvent =
  | { type: 'opened'; dials: boolean }
  | { type: 'connected' }
  | { type: 'dialFailed' }
  | { type: 'greeted' }
  | { type: 'disconnected'; dials: boolean }
  | { type: 'dropped'; dials: boolean }
  | { type: 'misbehaved' }
  | { type: 'dialDue' }
  | { type: 'banExpired'; dials: boolean }
  | { type: 'stopped' };

/**
 * The replica with the lower id dials and goes round dialing, greeting, ready, backoff; the other one awaits.
 * `disconnected`: the connection ended. `dropped`: we end it, for silence or a refused hello. `misbehaved`: we end it and
 * keep the peer out for a while, since its proven key stood behind what no correct replica sends.
 * Source: DESIGN section 5, Transport; `idle`, `awaiting` and `closed` are the beginning, the accepting side's rest and
 * the end.
 */
export const connectionMachine = setup({
  types: { events: {} as ConnectionChartEvent },
  guards: { dials: ({ event }) => 'dials' in event && event.dials },
  actions: {
    dial: () => {},
    greet: () => {},
    announceConnected: () => {},
    announceDisconnected: () => {},
    closeConnection: () => {},
    scheduleDial: () => {},
    scheduleUnban: () => {},
  },
}).createMachine({
  id: 'connection',
  initial: 'idle',
  on: { stopped: '.closed' },
  states: {
    idle: {
      on: { opened: [{ guard: 'dials', target: 'dialing' }, { target: 'awaiting' }] },
    },
    awaiting: {
      on: { greeted: 'ready', misbehaved: 'banned' },
    },
    dialing: {
      entry: 'dial',
      on: { connected: 'greeting', dialFailed: 'backoff' },
    },
    greeting: {
      entry: 'greet',
      on: {
        greeted: 'ready',
        dropped: { target: 'backoff', actions: 'closeConnection' },
        disconnected: 'backoff',
        misbehaved: { target: 'banned', actions: 'closeConnection' },
      },
    },
    ready: {
      entry: 'announceConnected',
      exit: 'announceDisconnected',
      on: {
        disconnected: [{ guard: 'dials', target: 'backoff' }, { target: 'awaiting' }],
        dropped: [
          { guard: 'dials', target: 'backoff', actions: 'closeConnection' },
          { target: 'awaiting', actions: 'closeConnection' },
        ],
        misbehaved: { target: 'banned', actions: 'closeConnection' },
      },
    },
    backoff: {
      entry: 'scheduleDial',
      on: { dialDue: 'dialing' },
    },
    banned: {
      entry: 'scheduleUnban',
      on: { banExpired: [{ guard: 'dials', target: 'dialing' }, { target: 'awaiting' }] },
    },
    closed: { type: 'final' },
  },
});

/** What steps links to peers through {@link connectionMachine}. It keeps no state: one chart serves every link. */
export const connectionChart = compile(connectionMachine);
/** How a link to a peer stands: `dialing`, `ready`, `banned` and so on. */
export type ConnectionPhase = StateOf<typeof connectionMachine>;
/** What happens to a link to a peer. `dials`: whether this replica is the one of the pair that dials. */
export type ConnectionEvent = EventOf<typeof connectionMachine>;
/** The name of something that a step asks of the network actor. */
export type ConnectionAction = ActionOf<typeof connectionMachine>;
