/**
 * The last committed block and the uncommitted blocks that descend from it. Everything held is connected: a block goes
 * in after its parent, and whatever no longer descends from the committed block leaves with the commit.
 * Bounded by tips and bytes; loops, never recursion, since a peer chooses how long a branch grows.
 *
 * What is counted are the tips, on which no other block stands. Any other block has a child whose justify certifies it: it
 * has cost a quorum, so that liars alone make none, and no progress is possible without it. Counted as well, blocks that are
 * certified and not committed would fill the tree in a time without commits, nothing could give way to the next one, and that
 * time would never end. That their number has no bound here is deliberate; what they may come to is what a quorum certifies
 * without committing: see `limits.treeTips`.
 *
 * Four branches are all that a replica must keep (`retain`): that of the highest certificate, that of the lock, that of its
 * last vote, and the one that the new block extends. A new block either takes the place of its parent among these four tips,
 * or is the fourth beside the other three. So four tips and the bytes of four branches always suffice, and four tips are held
 * even where the bound says fewer.
 */
import { invariant } from '../errors.js';
import type { BlockHash } from './numbers.js';
import type { Block } from './types.js';

/** How much of what is uncommitted a tree may hold. */
export interface BlockTreeBounds {
  /** How many uncommitted blocks may be held on which no other stands, before all must go but those that are to be kept. */
  readonly tipsMax: number;
  /** How many bytes the bodies of all uncommitted blocks may have together; those of one branch a quarter of it. */
  readonly bodyBytesMax: number;
}

/** As many branches are kept whatever comes: what a tree must have room for, in tips and in bytes. */
export const BRANCHES_KEPT = 4;

/**
 * `known`: held already · `orphan`: its parent is not held · `notAChild`: height, view or justify do not fit the
 * parent · `belowCommitted`: of no higher view than the committed block, hence no descendant of it · `heavy`: fits, but
 * its own branch would have more bytes than one may · `full`: fits, but all branches would have more bytes than they may ·
 * `crowded`: fits, but would be one tip too many. Others may make room for what is `full` or `crowded`; an empty block is never
 * `heavy` or `full`.
 */
export type InsertResult =
  | 'inserted'
  | 'known'
  | 'orphan'
  | 'notAChild'
  | 'belowCommitted'
  | 'heavy'
  | 'full'
  | 'crowded';

/** What a commit did to the tree. */
export interface CommitResult {
  /** Newly committed, oldest first, each the parent of the next. */
  readonly committed: readonly Block[];
  /** Dropped: what does not descend from the new committed block, in the order of arrival. */
  readonly abandoned: readonly BlockHash[];
}

/** Holds the last committed block and what descends from it, within bounds. */
export class BlockTree {
  #committed: Block;
  /** Uncommitted blocks; a parent always stands before its children. */
  #blocks = new Map<BlockHash, Block>();
  /** Those on which no other stands. */
  #tips = new Set<BlockHash>();
  #sizeMost = 0;
  #bodyBytes = 0;
  readonly #bounds: BlockTreeBounds;

  constructor(committed: Block, bounds: BlockTreeBounds) {
    this.#committed = committed;
    this.#bounds = bounds;
  }

  /** The last committed block; genesis at first. */
  get committed(): Block {
    return this.#committed;
  }

  /** How many uncommitted blocks are held. */
  get size(): number {
    return this.#blocks.size;
  }

  /** The most uncommitted blocks that were ever held at a time. */
  get sizeMost(): number {
    return this.#sizeMost;
  }

  /** How many uncommitted blocks are held on which no other stands. */
  get tips(): number {
    return this.#tips.size;
  }

  /** The uncommitted blocks of all branches, a parent before its children. */
  get uncommitted(): readonly Block[] {
    return [...this.#blocks.values()];
  }

  /** How many bytes the bodies of the uncommitted blocks have together. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** Returns the committed block or an uncommitted one, undefined when it is not held. */
  get(hash: BlockHash): Block | undefined {
    return hash === this.#committed.hash ? this.#committed : this.#blocks.get(hash);
  }

  /** Whether the block is the committed one or an uncommitted one that is held. */
  has(hash: BlockHash): boolean {
    return hash === this.#committed.hash || this.#blocks.has(hash);
  }

  /** Takes in a block whose hash is known to be that of its header; says what became of it. */
  insert(block: Block): InsertResult {
    const outcome = this.#place(block) ?? this.#room(block);
    if (outcome === null) this.#add(block);
    return outcome ?? 'inserted';
  }

  /** The same beyond the bounds, for a block that a quorum stands behind, and for one that an earlier life held within them. */
  insertBeyond(block: Block): InsertResult {
    const outcome = this.#place(block);
    if (outcome === null) this.#add(block);
    return outcome ?? 'inserted';
  }

  /** Whether: why the block has no place here, or null. */
  #place(block: Block): InsertResult | null {
    if (this.has(block.hash)) return 'known';
    if (block.header.view <= this.#committed.header.view) return 'belowCommitted';
    const parent = this.get(block.header.parent);
    if (parent === undefined) return 'orphan';
    return isChild(block, parent) ? null : 'notAChild';
  }

  /** Whether: which bound would be exceeded by a block that has a place, or null. */
  #room({ header, body }: Block): 'heavy' | 'full' | 'crowded' | null {
    const { tipsMax, bodyBytesMax } = this.#bounds;
    if (body.length > 0) {
      const branchBytes = bytesOf(this.branch(header.parent) ?? []) + body.length;
      if (branchBytes > bodyBytesMax / BRANCHES_KEPT) return 'heavy';
      if (this.#bodyBytes + body.length > bodyBytesMax) return 'full';
    }
    return this.#tips.has(header.parent) || this.#tips.size < tipsMax ? null : 'crowded';
  }

  #add(block: Block): void {
    this.#blocks.set(block.hash, block);
    this.#tips.delete(block.header.parent);
    this.#tips.add(block.hash);
    this.#sizeMost = Math.max(this.#sizeMost, this.#blocks.size);
    this.#bodyBytes += block.body.length;
  }

  /** Whether `descendant` is `ancestor` or descends from it; false when either is not held. */
  extends(descendant: BlockHash, ancestor: BlockHash): boolean {
    const target = this.get(ancestor);
    if (target === undefined) return false;
    let block = this.get(descendant);
    while (block !== undefined && block.header.view > target.header.view) block = this.get(block.header.parent);
    return block === target;
  }

  /**
   * Returns the blocks from just above the committed one to `tip`, oldest first; none when `tip` is the committed
   * block, null when it is not held.
   */
  branch(tip: BlockHash): readonly Block[] | null {
    const blocks: Block[] = [];
    let hash = tip;
    while (hash !== this.#committed.hash) {
      const block = this.#blocks.get(hash);
      if (block === undefined) return null;
      blocks.push(block);
      hash = block.header.parent;
    }
    return blocks.reverse();
  }

  /** Makes `hash` the committed block; with the committed block itself nothing changes. It must be held. */
  commit(hash: BlockHash): CommitResult {
    const committed = this.branch(hash);
    invariant(committed !== null, 'only a held block that extends the committed one is committed');
    const last = committed.at(-1);
    if (last === undefined) return { committed, abandoned: [] };
    const abandoned = this.#keepDescendants(last, new Set(committed));
    this.#committed = last;
    return { committed, abandoned };
  }

  /**
   * Drops every uncommitted block that is not on the branch of one of `tips`, and returns the dropped: the way out when
   * a time without commits has filled the tree with blocks that were never certified.
   */
  retain(tips: readonly BlockHash[]): readonly BlockHash[] {
    const wanted = new Set(tips.flatMap((tip) => this.branch(tip) ?? []));
    const dropped: BlockHash[] = [];
    for (const [hash, block] of this.#blocks) {
      if (wanted.has(block)) continue;
      this.#blocks.delete(hash);
      this.#bodyBytes -= block.body.length;
      dropped.push(hash);
    }
    if (dropped.length > 0) this.#tips = tipsOf(this.#blocks);
    return dropped;
  }

  /** Drops all but the descendants of `root`; returns those dropped that are not in `committed`. */
  #keepDescendants(root: Block, committed: ReadonlySet<Block>): readonly BlockHash[] {
    const kept = new Map<BlockHash, Block>();
    const abandoned: BlockHash[] = [];
    for (const [hash, block] of this.#blocks) {
      const { parent } = block.header;
      if (parent === root.hash || kept.has(parent)) {
        kept.set(hash, block);
        continue;
      }
      this.#bodyBytes -= block.body.length;
      if (!committed.has(block)) abandoned.push(hash);
    }
    this.#blocks = kept;
    this.#tips = tipsOf(kept);
    return abandoned;
  }
}

/** The hashes of those among `blocks` on which none of them stands. */
export function tipsOf(blocks: ReadonlyMap<BlockHash, Block>): Set<BlockHash> {
  const tips = new Set(blocks.keys());
  for (const { header } of blocks.values()) tips.delete(header.parent);
  return tips;
}

function bytesOf(blocks: readonly Block[]): number {
  return blocks.reduce((bytes, { body }) => bytes + body.length, 0);
}

/** Whether the header fits its parent: one higher, of a later view, and the justify certifies exactly the parent. */
function isChild({ header }: Block, parent: Block): boolean {
  const { justify } = header;
  return (
    header.height === parent.header.height + 1 &&
    header.view > parent.header.view &&
    justify.block === header.parent &&
    justify.view === parent.header.view
  );
}
