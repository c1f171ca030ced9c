import type { PlantedBug } from './planted-bug.js';

const THREADS = 'runtime/threads';
const TURNS = 'runtime/turns';

/** Of the guarantees of an actor system that spans threads. */
export const runtimeBugs: readonly PlantedBug[] = [
  {
    bug: 'what crosses uses up no place of its lane',
    file: 'src/runtime/remote-role',
    find: 'this.#places[lane] -= count',
    replace: 'void count',
    caughtBy: THREADS,
  },
  {
    bug: 'a place that is on its way back is not looked for when actors are asked about a ring',
    file: 'src/runtime/deadlock-probes',
    find: 'arrivals.left !== returned',
    replace: 'false',
    caughtBy: THREADS,
  },
  {
    bug: 'a place that has come back is not looked for when actors are asked about a ring',
    file: 'src/runtime/deadlock-probes',
    find: '!target.stuck(lane)',
    replace: 'false',
    caughtBy: THREADS,
  },
  {
    bug: 'places too few for a batch are kept from a sender that is held back',
    file: 'src/runtime/arrival-lane',
    find: 'this.#wanted ||',
    replace: '',
    caughtBy: THREADS,
  },
  {
    bug: 'the credit of a message from another thread is kept',
    file: 'src/runtime/arrival-lane',
    find: 'if (credit !== null && from !== null)',
    replace: 'if (false)',
    caughtBy: 'runtime/credits',
  },
  {
    bug: 'ports are closed while other threads still handle messages',
    file: 'src/runtime/other-threads',
    find: "thread.ask({ type: 'halt' }, 'halted')",
    replace: 'null',
    caughtBy: THREADS,
  },
  {
    bug: 'a failure stays on its thread',
    file: 'src/runtime/actor-system',
    find: 'this.#others.tellFailure(failure);',
    replace: '',
    caughtBy: 'runtime/supervision',
  },
  {
    bug: 'a drain of many turns sends nothing before its end',
    file: 'src/runtime/round',
    find: 'this.#border.crowded &&',
    replace: 'false &&',
    caughtBy: THREADS,
  },
  {
    bug: 'late turns are never taken: what was asked waits until sockets were read',
    file: 'src/runtime/round',
    find: 'return this.#takeLateTurns(actor, now + turnBudget.milliseconds);',
    replace: 'return;',
    caughtBy: TURNS,
  },
  {
    bug: 'late turns have no bound but that of any turn in the number of their messages',
    file: 'src/runtime/round',
    find: 'const LATE_MESSAGES = 4;',
    replace: 'const LATE_MESSAGES = Number.POSITIVE_INFINITY;',
    caughtBy: TURNS,
  },
  {
    bug: 'late turns have no bound in time',
    file: 'src/runtime/round',
    find: 'now + turnBudget.milliseconds',
    replace: 'Number.POSITIVE_INFINITY',
    caughtBy: TURNS,
  },
  {
    bug: 'late turns go on with the next actor when their time is used up',
    file: 'src/runtime/round',
    find: 'if (this.#takeTurn(actor, deadline, LATE_MESSAGES) >= deadline)',
    replace: 'this.#takeTurn(actor, deadline, LATE_MESSAGES); if (false)',
    caughtBy: TURNS,
  },
  {
    bug: 'a late turn goes on with the lanes of strangers',
    file: 'src/runtime/round',
    find: "if (late !== null && actor.mailbox.depth('control') === 0)",
    replace: 'if (false)',
    caughtBy: TURNS,
  },
  {
    bug: 'late turns are taken by actors that nobody asked',
    file: 'src/runtime/round',
    find: "!actor.runnable || actor.mailbox.depth('control') === 0",
    replace: '!actor.runnable',
    guards: [
      {
        file: 'src/runtime/round',
        find: "if (late !== null && actor.mailbox.depth('control') === 0)",
        replace: 'if (false)',
      },
    ],
    caughtBy: TURNS,
  },
  {
    bug: 'the lanes of a mailbox are taken from in the reverse order',
    file: 'src/runtime/mailbox',
    find: 'control.queue.size > 0 ? control : protocolWaits ? protocol : bulk',
    replace: 'bulkWaits ? bulk : protocolWaits ? protocol : control',
    caughtBy: 'runtime/mailbox',
  },
];
