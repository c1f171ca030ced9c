import { invariant } from '../../src/errors.js';
import type { BlockHash, Height } from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate } from '../../src/protocol/types.js';
import { type BlockPlace, placeOf } from '../../src/wire/store-layout.js';

/**
 * The last committed block's place, and the blocks above it. They are held whole, the same objects that consensus holds,
 * so that a branch is served without the disk. Each leaves when its height is committed, or when consensus drops it: there are
 * no more of them than its block tree holds.
 */
export class HeldBlocks {
  #tip: BlockPlace;
  readonly #blocks = new Map<BlockHash, Block>();

  constructor(tip: BlockPlace, uncommitted: readonly Block[]) {
    this.#tip = tip;
    for (const block of uncommitted) this.add(block);
  }

  get tip(): BlockPlace {
    return this.#tip;
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** Returns false for a block that is held already, or whose height is committed: it is in the store, or abandoned. */
  add(block: Block): boolean {
    const { height } = block.header;
    if (height <= this.#tip.height || this.#blocks.has(block.hash)) return false;
    this.#blocks.set(block.hash, block);
    return true;
  }

  /** Makes a child of the tip the new one. */
  commit(place: BlockPlace): void {
    const block = this.#blocks.get(place.hash);
    invariant(block !== undefined, 'a block is handed to storage no later than its commit');
    invariant(block.header.height === place.height && place.height === this.#tip.height + 1, 'commits leave no gap');
    invariant(block.header.parent === this.#tip.hash, 'a committed block extends the one committed before');
    this.#blocks.delete(place.hash);
    this.#tip = place;
  }

  /** Forgets a block that consensus has given up; returns where it stood, null for one that was not held. */
  drop(hash: BlockHash): BlockPlace | null {
    const block = this.#blocks.get(hash);
    if (block === undefined) return null;
    this.#blocks.delete(hash);
    return placeOf(block);
  }

  has(hash: BlockHash): boolean {
    return this.#blocks.has(hash);
  }

  /** A certificate for the block `hash` that stands in a held child of it, or null. */
  certificateOf(hash: BlockHash): QuorumCertificate | null {
    for (const block of this.#blocks.values()) if (block.header.parent === hash) return block.header.justify;
    return null;
  }

  /** The held blocks from `tip` down to, not including, `above`; oldest first. Null when one of them is not held. */
  branch(tip: BlockHash, above: Height): readonly Block[] | null {
    const blocks: Block[] = [];
    let block = this.#blocks.get(tip);
    while (block !== undefined && block.header.height > above) {
      blocks.push(block);
      block = this.#blocks.get(block.header.parent);
    }
    const oldest = blocks.at(-1);
    return oldest?.header.height === above + 1 ? blocks.reverse() : null;
  }
}
