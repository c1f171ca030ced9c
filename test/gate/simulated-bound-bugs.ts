import type { SimulatedBug } from './planted-bug.js';

/** Bounds that hold nothing, or what nothing ever lets go of: a run comes to most of them only where they are tight. */
export const simulatedBoundBugs: readonly SimulatedBug[] = [
  {
    bug: 'a full tree has no room beside the branches that it must keep',
    file: 'actors/consensus/proposals',
    find: "again === 'crowded' ? tree.insertBeyond(block) : again",
    replace: 'again',
    options: { laterTightLimits: ['smallTree'] },
  },
  {
    bug: 'a leader has no block for a tree without room for its body',
    file: 'actors/consensus/proposing',
    find: "if (outcome === 'heavy' || outcome === 'full')",
    replace: 'if (false)',
    options: { laterTightLimits: ['lightBranches'] },
  },
  {
    bug: 'the pool takes commands without bound',
    file: 'actors/proposal-generator/command-pool',
    find: 'if (!this.#sourceOf(source).hasRoomFor(address, sizeOf(command)))',
    replace: 'if (false)',
    options: { laterTightLimits: ['smallPool'] },
  },
  {
    bug: 'a replica takes a command in again that it has executed',
    file: 'actors/proposal-generator/intake',
    find: 'const past = this.#executed.recall(client, sequence);',
    replace: 'const past = null;',
    options: { tenure: 1000 },
  },
  {
    bug: 'a machine that was once too far behind counts as behind for ever',
    file: 'actors/consensus/consensus',
    find: 'context.executionBehind = message.behind;',
    replace: 'context.executionBehind ||= message.behind;',
    options: { laterTightLimits: ['slowMachine'] },
  },
];
