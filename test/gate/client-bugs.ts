import type { PlantedBug } from './planted-bug.js';

/** What a client must not believe, and what must not run twice. */
export const clientBugs: readonly PlantedBug[] = [
  {
    bug: 'a client believes one reply',
    file: 'actors/client/client',
    find: 'const needed = options.faulty + 1;',
    replace: 'const needed = 1;',
    caughtBy: 'actors/client/client',
  },
  {
    bug: 'a replica has two votes on one reply',
    file: 'actors/client/reply-votes',
    find: 'if ((this.#voted & bit) !== 0)',
    replace: 'if (false)',
    caughtBy: 'actors/client/client',
  },
  {
    bug: 'replies of different heights are equal',
    file: 'actors/client/reply-votes',
    find: 'candidate.height === claim.height && ',
    replace: '',
    caughtBy: 'actors/client/client',
  },
  {
    bug: 'an unanswered command stays with one replica',
    file: 'actors/client/retries',
    find: 'for (let index = 0; index < needed; index += 1)',
    replace: 'for (let index = 0; index < 1; index += 1)',
    caughtBy: 'actors/client/client',
  },
  {
    bug: 'a command that comes twice runs twice',
    file: 'actors/proposal-generator/session-table',
    find: 'return outcome === undefined ? null :',
    replace: 'return true ? null :',
    caughtBy: 'actors/proposal-generator/command-executor',
  },
  {
    bug: 'the session window is one too short',
    file: 'actors/proposal-generator/session',
    find: 'return sequence <= this.#highest - SESSION_WINDOW;',
    replace: 'return sequence < this.#highest - SESSION_WINDOW + 2;',
    caughtBy: 'actors/proposal-generator/session-table',
  },
  {
    bug: 'the session window is one too long',
    file: 'actors/proposal-generator/session',
    find: 'return sequence <= this.#highest - SESSION_WINDOW;',
    replace: 'return sequence < this.#highest - SESSION_WINDOW;',
    caughtBy: 'actors/proposal-generator/session-table',
  },
  {
    bug: 'a peer may fill whole bodies',
    file: 'actors/proposal-generator/command-pool',
    find: 'const share = 1 / options.replicas;',
    replace: 'const share = 1;',
    caughtBy: 'actors/proposal-generator/command-pool',
  },
  {
    bug: 'a client whose replies are forgotten may run its commands again',
    file: 'actors/proposal-generator/session',
    find: 'this.#setKind(slot, FORGOTTEN);\n        this.#replies = [];',
    replace: 'this.#setKind(slot, NONE);\n        this.#replies = [];',
    caughtBy: 'actors/proposal-generator/session-table',
  },
  {
    bug: 'replies that were forgotten leave the state hash as it was',
    file: 'actors/proposal-generator/session-table',
    find: 'this.#replying.delete(session);\n            this.#changed.add(session);',
    replace: 'this.#replying.delete(session);',
    caughtBy: 'actors/proposal-generator/session-table',
  },
  {
    bug: 'a hash in slices holds what changed while it was made',
    file: 'examples/key-value/machine',
    find: 'if (entry.list !== HEARD)\n                this.#hear(entry);',
    replace: '',
    caughtBy: 'examples/key-value/machine',
  },
];
