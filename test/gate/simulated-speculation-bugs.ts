import type { SimulatedBug } from './planted-bug.js';

/** Those of machines that build their own blocks. */
export const simulatedSpeculationBugs: readonly SimulatedBug[] = [
  {
    bug: 'speculation: a restart tells of certified blocks alone',
    file: 'actors/consensus/recovery',
    find: 'for (const block of context.tree.uncommitted)',
    replace: 'for (const block of certified)',
    options: { speculative: true },
  },
  {
    bug: 'speculation: an abandoned block of its own does not rewind the machine',
    file: 'actors/proposal-generator/speculation',
    find: 'return this.#placed.some(({ hash }) => hashes.includes(hash));',
    replace: 'return false;',
    options: { speculative: true },
  },
  {
    bug: 'speculation: a committed block of another does not rewind the machine',
    file: 'actors/proposal-generator/speculation',
    find: 'diverged: body.length > 0 && this.isAhead',
    replace: 'diverged: false',
    options: { speculative: true },
  },
  {
    bug: 'speculation: what was built before a rewinding is proposed after it',
    file: 'actors/proposal-generator/speculation',
    find: "this.#building = 'void';",
    replace: ';',
    options: { speculative: true, tenure: 8 },
  },
  {
    bug: 'speculation: a machine stands where blocks of its own are missing',
    file: 'actors/proposal-generator/speculation',
    find: 'return own === this.#placed.length;',
    replace: 'return true;',
    options: { speculative: true },
  },
];
