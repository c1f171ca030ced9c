import type { PlantedBug } from './planted-bug.js';

const HOSTILE = 'actors/consensus/hostile';

/** Bugs that other systems had and that nothing else of the gate plants; the table of test/README.md names them. */
export const regressionBugs: readonly PlantedBug[] = [
  {
    bug: 'committed blocks are told in the reverse order',
    file: 'src/protocol/block-tree',
    find: 'return blocks.reverse();',
    replace: 'return blocks;',
    caughtBy: 'protocol/block-tree',
  },
  {
    bug: 'a leader throws where its block is no higher than the one that it has voted for',
    file: 'actors/consensus/proposing',
    find: 'let block = makeBlock(',
    replace: `const voted = tree.get(safety.lastVote?.message.vote.block);
    if (voted !== undefined && header.height <= voted.header.height) throw new Error('must be higher than vheight');
    let block = makeBlock(`,
    caughtBy: HOSTILE,
  },
  {
    bug: 'whatever body comes is proposed',
    file: 'actors/consensus/proposing',
    find: 'if (proposing === null || proposing.view !== view || proposing.parent !== parent)',
    replace: 'if (proposing === null)',
    caughtBy: HOSTILE,
  },
  {
    bug: 'the branch of the certified blocks in hand is walked by a function that calls itself',
    file: 'src/protocol/block-tree',
    find: 'return block === target;',
    replace: `const down = (below) => below === target || (below !== undefined && down(this.get(below.header.parent)));
        return down(this.get(descendant)) && block === target;`,
    caughtBy: 'protocol/block-tree',
  },
  {
    bug: 'a peer that fetches is served at any rate',
    file: 'actors/sync/serving',
    find: '(bodyBytes(blocks) * 1000) / serveBytesPerSecond',
    replace: '0',
    caughtBy: 'actors/sync/serving',
  },
  {
    bug: 'the database alone is believed',
    file: 'actors/storage/record-copies',
    find: 'if (unreadable.length < 2)',
    replace: 'if (unreadable.length < 3)',
    caughtBy: 'adapters/level-store',
  },
  {
    bug: 'a machine runs a block that may yet be abandoned',
    file: 'actors/proposal-generator/proposal-generator',
    find: 'return this.#bodies.blockAdded(message.block);',
    replace: 'this.#machine.execute(message.block); return this.#bodies.blockAdded(message.block);',
    caughtBy: 'actors/proposal-generator/proposal-generator',
  },
  {
    bug: 'what comes late, twice or too early is logged as misbehaviour',
    file: 'actors/consensus/peer-refusals',
    find: "'equivocation',",
    replace: "'equivocation', 'stale', 'duplicate', 'tooFarAhead',",
    caughtBy: HOSTILE,
  },
  {
    bug: 'a certificate that came alone is believed',
    file: 'actors/consensus/proposals',
    find: '(newQc && !settings.verifier.qc(highQc))',
    replace: 'false',
    caughtBy: HOSTILE,
  },
];
