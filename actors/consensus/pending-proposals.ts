import { invariant } from '../../src/errors.js';
import type { BlockTree } from '../../src/protocol/block-tree.js';
import type { BlockHash, View } from '../../src/protocol/numbers.js';
import type { Proposal, QuorumCertificate } from '../../src/protocol/types.js';

interface PendingProposalsBounds {
  /** How many proposals may wait. */
  readonly proposalsMax: number;
  /** How many bytes their bodies may have together. */
  readonly bodyBytesMax: number;
}

/** Verified proposals whose parent is not held yet, bounded by count and bytes. */
export class PendingProposals {
  readonly #bounds: PendingProposalsBounds;
  readonly #proposals = new Map<BlockHash, Proposal>();
  #bodyBytes = 0;

  constructor(bounds: PendingProposalsBounds) {
    this.#bounds = bounds;
  }

  /** How many proposals wait. */
  get size(): number {
    return this.#proposals.size;
  }

  /** How many bytes the bodies of those that wait have together. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /**
   * Keeps `proposal`, and returns those that gave way to the bounds, which may be it: those of the lowest views, since
   * they are the first that nobody needs any more.
   */
  add(proposal: Proposal): readonly Proposal[] {
    this.#remove(proposal);
    this.#proposals.set(proposal.block.hash, proposal);
    this.#bodyBytes += proposal.block.body.length;
    const gaveWay: Proposal[] = [];
    while (this.#proposals.size > this.#bounds.proposalsMax || this.#bodyBytes > this.#bounds.bodyBytesMax) {
      gaveWay.push(this.#removeLowest());
    }
    return gaveWay;
  }

  /** Takes out those whose parent is held by now, in the order in which they came. */
  takeReady(tree: BlockTree): readonly Proposal[] {
    const ready: Proposal[] = [];
    for (const proposal of this.#proposals.values()) {
      if (tree.has(proposal.block.header.parent)) ready.push(proposal);
    }
    for (const proposal of ready) this.#remove(proposal);
    return ready;
  }

  /** Forgets those of `view` and below. */
  dropThrough(view: View): void {
    for (const proposal of this.#proposals.values()) if (proposal.block.header.view <= view) this.#remove(proposal);
  }

  /** Returns the highest certificate above the committed view of a parent that neither is held nor waits here, or null. */
  highestMissingParent(tree: BlockTree): QuorumCertificate | null {
    let highest: QuorumCertificate | null = null;
    for (const { block } of this.#proposals.values()) {
      const { justify } = block.header;
      const wanted = justify.view > (highest?.view ?? tree.committed.header.view);
      if (wanted && !tree.has(justify.block) && !this.#proposals.has(justify.block)) highest = justify;
    }
    return highest;
  }

  /**
   * Returns the certificate of what is missing below the proposal of `view`: of its parent, or of what the lowest of its
   * ancestors that wait here, too, stands on. Null where no proposal of that view waits, where nothing above the committed
   * view is missing, or where the block `sought` is on the way there, with which its ancestors come.
   */
  missingBelow(view: View, tree: BlockTree, sought?: BlockHash): QuorumCertificate | null {
    const proposal = [...this.#proposals.values()].find(({ block }) => block.header.view === view);
    let below = proposal?.block.header.justify;
    while (below !== undefined && below.block !== sought) {
      const waiting = this.#proposals.get(below.block);
      if (waiting === undefined) {
        return tree.has(below.block) || below.view <= tree.committed.header.view ? null : below;
      }
      below = waiting.block.header.justify;
    }
    return null;
  }

  #removeLowest(): Proposal {
    let lowest: Proposal | undefined;
    for (const proposal of this.#proposals.values()) {
      if (lowest === undefined || proposal.block.header.view < lowest.block.header.view) lowest = proposal;
    }
    invariant(lowest !== undefined, 'a bound is exceeded only by proposals that wait');
    this.#remove(lowest);
    return lowest;
  }

  #remove({ block }: Proposal): void {
    if (this.#proposals.delete(block.hash)) this.#bodyBytes -= block.body.length;
  }
}
