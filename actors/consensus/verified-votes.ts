import { equalBytes } from '../../src/crypto/hash.js';
import type { BlockHash, ReplicaId, View } from '../../src/protocol/numbers.js';

/** What a vote is for. */
interface Ballot {
  readonly view: View;
  readonly block: BlockHash;
}

/**
 * Signatures of votes that are known to be good, for the most recent blocks: those of a certificate came as votes before,
 * or stood in another certificate of the same block, and the own one needs no look at all. Bounded: of each signer one
 * signature a block, and the oldest block gives way.
 */
export class VerifiedVotes {
  readonly #blocksMax: number;
  readonly #byBlock = new Map<BlockHash, { readonly view: View; readonly bySigner: Map<ReplicaId, Uint8Array> }>();

  constructor(blocksMax: number) {
    this.#blocksMax = blocksMax;
  }

  /** Whether exactly these bytes are known to be the signature of `signer`. */
  has({ view, block }: Ballot, signer: ReplicaId, signature: Uint8Array): boolean {
    const votes = this.#byBlock.get(block);
    const known = votes?.view === view ? votes.bySigner.get(signer) : undefined;
    return known !== undefined && equalBytes(known, signature);
  }

  /** A block has one view: votes for it that name another one are a liar's, and the last view that was named counts. */
  add({ view, block }: Ballot, signer: ReplicaId, signature: Uint8Array): void {
    const votes = this.#byBlock.get(block);
    // a copy: the signature may be a view of a frame that holds a whole body
    const copy = signature.slice();
    if (votes?.view === view) votes.bySigner.set(signer, copy);
    else this.#byBlock.set(block, { view, bySigner: new Map([[signer, copy]]) });
    if (this.#byBlock.size <= this.#blocksMax) return;
    const [oldest] = this.#byBlock.keys();
    if (oldest !== undefined) this.#byBlock.delete(oldest);
  }
}
