/** The statechart of a replica's store: how it opens, when it writes, and how it ends. */
import { setup } from 'xstate';
import { type ActionOf, compile, type EventOf, type StateOf } from './compile.js';

/**
 * How much there is to write: `nothing`, only what may rest a moment (`mayWait`), or what something signed waits for, or
 * that is too much to rest (`due`).
 */
export type WriteNeed = 'nothing' | 'mayWait' | 'due';

type StorageChartEvent =
  | { type: 'openRequested' }
  | { type: 'opened'; sealed: boolean }
  | { type: 'gathered'; need: WriteNeed }
  | { type: 'flushDue' }
  /** A batch stands in the database and the slots; `need` is what was gathered meanwhile. */
  | { type: 'batchWritten'; need: WriteNeed; sealed: boolean }
  | { type: 'stopRequested'; sealed: boolean }
  | { type: 'failed'; code: string; detail: string };

/**
 * Group commit (DESIGN section 6): one batch is written at a time (`writing`), and what comes meanwhile makes up the next;
 * what nothing signed waits for rests (`gathering`) until the flush timer. A store is sealed before anybody hears of it
 * (`sealing`), and a stop writes what there is and leaves it sealed (`draining`): `actors/storage/record-copies.ts` says
 * what that is for. After a failure nothing is written or reported durable ever again.
 */
export const storageMachine = setup({
  types: { events: {} as StorageChartEvent },
  guards: {
    due: ({ event }) => 'need' in event && event.need === 'due',
    some: ({ event }) => 'need' in event && event.need !== 'nothing',
    sealed: ({ event }) => 'sealed' in event && event.sealed,
  },
  actions: {
    openStore: () => {},
    startFlushTimer: () => {},
    cancelFlushTimer: () => {},
    writeBatch: () => {},
    seal: () => {},
    announce: () => {},
    reportFailure: () => {},
    reportStopped: () => {},
  },
}).createMachine({
  id: 'storage',
  initial: 'closed',
  states: {
    closed: {
      on: { openRequested: { target: 'opening', actions: 'openStore' }, stopRequested: 'stopped' },
    },
    opening: {
      on: {
        opened: [{ guard: 'sealed', target: 'open', actions: 'announce' }, { target: 'open.sealing' }],
        failed: 'failed',
        stopRequested: 'stopped',
      },
    },
    open: {
      initial: 'resting',
      on: { failed: 'failed' },
      states: {
        sealing: {
          entry: 'seal',
          on: { batchWritten: { target: 'resting', actions: 'announce' }, stopRequested: 'draining' },
        },
        resting: {
          on: {
            gathered: [{ guard: 'due', target: 'writing' }, { target: 'gathering' }],
            stopRequested: [
              { guard: 'sealed', target: '#storage.stopped' },
              { target: 'draining', actions: 'seal' },
            ],
          },
        },
        gathering: {
          entry: 'startFlushTimer',
          exit: 'cancelFlushTimer',
          on: {
            gathered: { guard: 'due', target: 'writing' },
            flushDue: 'writing',
            stopRequested: { target: 'draining', actions: 'seal' },
          },
        },
        writing: {
          entry: 'writeBatch',
          on: {
            batchWritten: [
              { guard: 'due', target: 'writing', reenter: true },
              { guard: 'some', target: 'gathering' },
              { target: 'resting' },
            ],
            stopRequested: 'draining',
          },
        },
        draining: {
          on: {
            batchWritten: [
              { guard: 'sealed', target: '#storage.stopped' },
              { target: 'draining', actions: 'seal' },
            ],
            failed: { target: '#storage.stopped', actions: 'reportFailure' },
          },
        },
      },
    },
    failed: { entry: 'reportFailure', on: { stopRequested: 'stopped' } },
    stopped: { type: 'final', entry: 'reportStopped' },
  },
});

/** What steps the storage actor through {@link storageMachine}. It keeps no state. */
export const storageChart = compile(storageMachine);
/** What a store is about: `opening`, `open.writing`, `failed` and so on. */
export type StoragePhase = StateOf<typeof storageMachine>;
/** What happens to a store. `sealed`: whether it is sealed, and nothing was gathered that has to be written first. */
export type StorageEvent = EventOf<typeof storageMachine>;
/** The name of something that a step asks of the storage actor. */
export type StorageAction = ActionOf<typeof storageMachine>;
