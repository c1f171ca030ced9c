import type { SimulatedBug } from './planted-bug.js';

/** What one replica alone must not make a client do. */
export const simulatedClientBugs: readonly SimulatedBug[] = [
  {
    bug: 'a refusal for want of room puts off whatever a client would send',
    file: 'actors/client/refusals',
    find: 'if (!this.#asked.delete(from))',
    replace: 'if (false)',
    guards: [
      {
        file: 'actors/client/refusals',
        find: 'if (this.againAt !== Number.POSITIVE_INFINITY)',
        replace: 'if (false)',
      },
      {
        file: 'actors/client/command-desk',
        find: 'this.#dueFrom = Math.min(this.#dueFrom, again.at);',
        replace: 'command.dueAt = again.at;',
      },
      {
        file: 'actors/client/command-desk',
        find: 'command.dueAt = Math.min(command.dueAt, at);',
        replace: 'command.dueAt = at;',
      },
    ],
    options: { replicas: 4, strategies: ['falseRefusals'], liarsProbability: 1 },
  },
  {
    bug: 'a client sends a command again at once for each refusal',
    file: 'actors/client/refusals',
    find: 'if (!this.#asked.delete(from))',
    replace: 'if (false)',
    guards: [
      {
        file: 'actors/client/refusals',
        find: 'if (this.#hastened.has(from))',
        replace: 'if (false)',
      },
    ],
    // Who leads in silence gives it the time.
    options: { replicas: 4, strategies: ['falseRefusals', 'silentLeader'], liarsProbability: 1 },
  },
];
