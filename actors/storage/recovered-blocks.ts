import type { BlockHash } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import { decodeStoredBlock } from '../../src/wire/block.js';
import { type BlockPlace, decodeTip, parseBlockKey, placeOf, TIP_KEY } from '../../src/wire/store-layout.js';
import { type Refusal, refuse } from './store-problem.js';

/** The blocks of a store: the last committed one, those that may follow it, and those to be thrown away. */
export interface RecoveredBlocks {
  readonly committed: Block;
  /** Descendants of `committed`, by view. */
  readonly uncommitted: readonly Block[];
  readonly stale: readonly BlockPlace[];
}

/** How much may stand above the last committed block. */
export interface BlockBounds {
  readonly treeBlocks: number;
  /** Of their bodies together. */
  readonly treeBodyBytes: number;
}

type Outcome<T> = ({ readonly ok: true } & T) | Refusal;

/** Decodes the tip and what stands above it. What does not descend from the tip can never be committed: it is stale. */
export function recoverBlocks(
  genesis: Block,
  clusterId: string,
  entries: ReadonlyMap<string, Uint8Array>,
): Outcome<{ readonly blocks: RecoveredBlocks }> {
  const read = readBlocks(clusterId, entries);
  if (!read.ok) return read;
  const tip = readTip(genesis, entries, read.blocks);
  if (!tip.ok) return tip;
  const committed = tip.block;
  const descends = new Set<BlockHash>([committed.hash]);
  const uncommitted: Block[] = [];
  const stale: BlockPlace[] = [];
  for (const block of read.blocks) {
    if (block.hash === committed.hash) continue;
    if (descends.has(block.header.parent)) {
      descends.add(block.hash);
      uncommitted.push(block);
    } else stale.push(placeOf(block));
  }
  return { ok: true, blocks: { committed, uncommitted, stale } };
}

/**
 * Keeps the branch of the high QC alone where the rest would be more than consensus can hold: should a block of the rest
 * be certified yet, it is fetched.
 */
export function withinBounds(
  blocks: RecoveredBlocks,
  highQcBlock: BlockHash | null,
  bounds: BlockBounds,
): Outcome<{ readonly blocks: RecoveredBlocks }> {
  if (within(blocks.uncommitted, bounds)) return { ok: true, blocks };
  const kept: Block[] = [];
  const stale = [...blocks.stale];
  let wanted = highQcBlock;
  for (const block of blocks.uncommitted.toReversed()) {
    if (block.hash !== wanted) {
      stale.push(placeOf(block));
      continue;
    }
    kept.push(block);
    wanted = block.header.parent;
  }
  const { committed } = blocks;
  if (within(kept, bounds)) return { ok: true, blocks: { committed, uncommitted: kept.reverse(), stale } };
  return refuse(
    'STORE_DAMAGED',
    `The store has ${kept.length} certified blocks above height ${committed.header.height}`,
  );
}

function within(blocks: readonly Block[], { treeBlocks, treeBodyBytes }: BlockBounds): boolean {
  return blocks.length <= treeBlocks && blocks.reduce((bytes, { body }) => bytes + body.length, 0) <= treeBodyBytes;
}

/** All blocks that were read, by view: a parent's view is below its child's. */
function readBlocks(
  clusterId: string,
  entries: ReadonlyMap<string, Uint8Array>,
): Outcome<{ readonly blocks: readonly Block[] }> {
  const blocks: Block[] = [];
  for (const [key, value] of entries) {
    const place = parseBlockKey(key);
    if (place === null) continue;
    const block = decodeStoredBlock(clusterId, value);
    if (block === null) return refuse('STORE_DAMAGED', `The block at height ${place.height} is unreadable`);
    if (block.hash !== place.hash || block.header.height !== place.height) {
      return refuse('STORE_DAMAGED', `Another block stands under the name of ${place.hash} at height ${place.height}`);
    }
    blocks.push(block);
  }
  blocks.sort((a, b) => a.header.view - b.header.view);
  return { ok: true, blocks };
}

function readTip(
  genesis: Block,
  entries: ReadonlyMap<string, Uint8Array>,
  blocks: readonly Block[],
): Outcome<{ readonly block: Block }> {
  const bytes = entries.get(TIP_KEY);
  if (bytes === undefined) return { ok: true, block: genesis };
  const place = decodeTip(bytes);
  if (place === null) return refuse('STORE_DAMAGED', 'The name of the last committed block is unreadable');
  const block = blocks.find((candidate) => candidate.hash === place.hash);
  if (block === undefined) {
    return refuse('STORE_DAMAGED', `The last committed block, at height ${place.height}, is missing`);
  }
  return { ok: true, block };
}
