import type { PlantedBug } from './planted-bug.js';

const SPECULATION = 'actors/proposal-generator/speculation';
const BODIES = 'actors/proposal-generator/speculative-bodies';
const REPLAY = 'actors/proposal-generator/speculation-replay';
const SPECULATIVE = 'actors/proposal-generator/speculative';

/** What would leave a speculative machine elsewhere than at the committed log. */
export const speculationBugs: readonly PlantedBug[] = [
  {
    bug: 'a machine stands where blocks of its own are missing',
    file: SPECULATION,
    find: 'return own === this.#placed.length;',
    replace: 'return true;',
    caughtBy: REPLAY,
  },
  {
    bug: 'a machine stands on blocks of others',
    file: SPECULATION,
    find: 'return false;',
    replace: 'continue;',
    caughtBy: REPLAY,
  },
  {
    bug: 'an abandoned block of its own does not rewind the machine',
    file: SPECULATION,
    find: 'return this.#placed.some(({ hash }) => hashes.includes(hash));',
    replace: 'return false;',
    caughtBy: REPLAY,
  },
  {
    bug: 'a committed block of another does not rewind the machine',
    file: SPECULATION,
    find: 'diverged: body.length > 0 && this.isAhead',
    replace: 'diverged: false',
    caughtBy: REPLAY,
  },
  {
    bug: 'a machine that stands at the last committed block is rewound',
    file: SPECULATION,
    find: 'body.length > 0 && this.isAhead',
    replace: 'body.length > 0',
    caughtBy: REPLAY,
  },
  {
    bug: 'what was built before a rewinding is proposed after it',
    file: SPECULATION,
    find: "this.#building = 'void';",
    replace: ';',
    caughtBy: REPLAY,
  },
  {
    bug: 'a body that became no block counts as placed',
    file: BODIES,
    find: 'if (offered.filled !== body.length > 0)',
    replace: 'if (false)',
    caughtBy: SPECULATIVE,
  },
  {
    bug: 'the buffer holds more proposals than views are left',
    file: BODIES,
    find: 'buffered >= this.#viewsLeft',
    replace: 'false',
    caughtBy: SPECULATIVE,
  },
];
