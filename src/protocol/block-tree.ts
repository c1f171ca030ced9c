/**
 * The last committed block and the uncommitted blocks that descend from it. Everything held is connected: a block goes
 * in after its parent, and whatever no longer descends from the committed block leaves with the commit.
 * Bounded by count and bytes; loops, never recursion, since a peer chooses how long a branch grows.
 */
import { invariant } from '../errors.js';
import type { BlockHash } from './numbers.js';
import type { Block } from './types.js';

/** How much of what is uncommitted a tree may hold. */
export interface BlockTreeBounds {
  /** How many uncommitted blocks may be held. */
  readonly blocksMax: number;
  /** How many bytes their bodies may have together. */
  readonly bodyBytesMax: number;
}

/**
 * `known`: held already · `orphan`: its parent is not held · `notAChild`: height, view or justify do not fit the
 * parent · `belowCommitted`: of no higher view than the committed block, hence no descendant of it · `full`: fits, but
 * a bound would be exceeded.
 */
export type InsertResult = 'inserted' | 'known' | 'orphan' | 'notAChild' | 'belowCommitted' | 'full';

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
    if (this.has(block.hash)) return 'known';
    if (block.header.view <= this.#committed.header.view) return 'belowCommitted';
    const parent = this.get(block.header.parent);
    if (parent === undefined) return 'orphan';
    if (!isChild(block, parent)) return 'notAChild';
    const bodyBytes = this.#bodyBytes + block.body.length;
    if (this.#blocks.size >= this.#bounds.blocksMax || bodyBytes > this.#bounds.bodyBytesMax) return 'full';
    this.#blocks.set(block.hash, block);
    this.#bodyBytes = bodyBytes;
    return 'inserted';
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
    return abandoned;
  }
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
