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
  | { type: 'opened' }
  | { type: 'gathered'; need: WriteNeed }
  | { type: 'flushDue' }
  /** A batch stands in the database and the slots; `need` is what was gathered meanwhile. */
  | { type: 'batchWritten'; need: WriteNeed }
  | { type: 'stopRequested' }
  | { type: 'failed'; code: string; detail: string };

/**
 * Group commit (DESIGN section 6): one batch is written at a time (`writing`), and what comes meanwhile makes up the next;
 * what nothing signed waits for rests (`gathering`) until the flush timer. A stop writes what there is (`draining`). After
 * a failure nothing is written or reported durable ever again.
 */
export const storageMachine = setup({
  types: { events: {} as StorageChartEvent },
  guards: {
    due: ({ event }) => 'need' in event && event.need === 'due',
    some: ({ event }) => 'need' in event && event.need !== 'nothing',
  },
  actions: {
    openStore: () => {},
    startFlushTimer: () => {},
    cancelFlushTimer: () => {},
    writeBatch: () => {},
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
      on: { opened: 'open', failed: 'failed', stopRequested: 'stopped' },
    },
    open: {
      initial: 'resting',
      on: { failed: 'failed' },
      states: {
        resting: {
          on: {
            gathered: [{ guard: 'due', target: 'writing' }, { target: 'gathering' }],
            stopRequested: '#storage.stopped',
          },
        },
        gathering: {
          entry: 'startFlushTimer',
          exit: 'cancelFlushTimer',
          on: {
            gathered: { guard: 'due', target: 'writing' },
            flushDue: 'writing',
            stopRequested: { target: 'draining', actions: 'writeBatch' },
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
              { guard: 'some', target: 'draining', actions: 'writeBatch' },
              { target: '#storage.stopped' },
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

export const storageChart = compile(storageMachine);
export type StoragePhase = StateOf<typeof storageMachine>;
export type StorageEvent = EventOf<typeof storageMachine>;
export type StorageAction = ActionOf<typeof storageMachine>;
