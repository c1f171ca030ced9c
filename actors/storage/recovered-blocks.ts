import { BRANCHES_KEPT, tipsOf } from '../../src/protocol/block-tree.js';
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
  /** Blocks on which no other stands. */
  readonly treeTips: number;
  /** Of the bodies of all. */
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
 * Leaves out what would be more than consensus can hold, whole branches at a time: it keeps the branch of the high QC, however
 * long it is, since all of it is certified, and then those of the highest views, the last vote's among them. Should a block
 * of the rest be certified yet, it is fetched.
 */
export function withinBounds(
  blocks: RecoveredBlocks,
  highQcBlock: BlockHash | null,
  bounds: BlockBounds,
): RecoveredBlocks {
  const { committed, uncommitted } = blocks;
  const held = new Map(uncommitted.map((block) => [block.hash, block]));
  if (within(held, bounds)) return blocks;
  const kept = new Keeper(held);
  if (highQcBlock !== null) kept.keep(kept.branchTo(highQcBlock));
  const tips = tipsOf(held);
  for (const { hash } of uncommitted.toReversed()) {
    const branch = tips.has(hash) ? kept.branchTo(hash) : [];
    if (branch.length > 0 && kept.isWithin(branch, bounds)) kept.keep(branch);
  }
  const stale = uncommitted.filter(({ hash }) => !kept.has(hash)).map(placeOf);
  return {
    committed,
    uncommitted: uncommitted.filter(({ hash }) => kept.has(hash)),
    stale: [...blocks.stale, ...stale],
  };
}

/** The blocks that are kept of all that are held, branch by branch. */
class Keeper {
  readonly #held: ReadonlyMap<BlockHash, Block>;
  readonly #kept = new Set<BlockHash>();
  readonly #tips = new Set<BlockHash>();
  #bodyBytes = 0;

  constructor(held: ReadonlyMap<BlockHash, Block>) {
    this.#held = held;
  }

  has(hash: BlockHash): boolean {
    return this.#kept.has(hash);
  }

  /** The blocks from `tip` down that are not kept yet. */
  branchTo(tip: BlockHash): readonly Block[] {
    const branch: Block[] = [];
    let block = this.#held.get(tip);
    while (block !== undefined && !this.#kept.has(block.hash)) {
      branch.push(block);
      block = this.#held.get(block.header.parent);
    }
    return branch;
  }

  /** Whether `branch` may be kept besides. */
  isWithin(branch: readonly Block[], { treeTips, treeBodyBytes }: BlockBounds): boolean {
    const parent = branch.at(-1)?.header.parent;
    const tips = this.#tips.size + (parent !== undefined && this.#tips.has(parent) ? 0 : 1);
    return tips <= tipsMost(treeTips) && this.#bodyBytes + bytesOf(branch) <= treeBodyBytes;
  }

  keep(branch: readonly Block[]): void {
    const [tip, oldest] = [branch[0], branch.at(-1)];
    if (tip === undefined || oldest === undefined) return;
    for (const { hash } of branch) this.#kept.add(hash);
    this.#tips.delete(oldest.header.parent);
    this.#tips.add(tip.hash);
    this.#bodyBytes += bytesOf(branch);
  }
}

function within(blocks: ReadonlyMap<BlockHash, Block>, { treeTips, treeBodyBytes }: BlockBounds): boolean {
  return bytesOf(blocks.values()) <= treeBodyBytes && tipsOf(blocks).size <= tipsMost(treeTips);
}

/** As many as a tree holds whatever its bound. */
function tipsMost(treeTips: number): number {
  return Math.max(treeTips, BRANCHES_KEPT);
}

function bytesOf(blocks: Iterable<Block>): number {
  let bytes = 0;
  for (const { body } of blocks) bytes += body.length;
  return bytes;
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
