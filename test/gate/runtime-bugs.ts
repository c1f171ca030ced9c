import type { PlantedBug } from './planted-bug.js';

const THREADS = 'runtime/threads';

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
];
