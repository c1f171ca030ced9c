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
  readonly #byBallot = new Map<string, Map<ReplicaId, Uint8Array>>();

  constructor(blocksMax: number) {
    this.#blocksMax = blocksMax;
  }

  /** Blocks of whose votes some are known. */
  get size(): number {
    return this.#byBallot.size;
  }

  /** Whether exactly these bytes are known to be the signature of `signer`. */
  has(ballot: Ballot, signer: ReplicaId, signature: Uint8Array): boolean {
    const known = this.#byBallot.get(keyOf(ballot))?.get(signer);
    return known !== undefined && equalBytes(known, signature);
  }

  add(ballot: Ballot, signer: ReplicaId, signature: Uint8Array): void {
    const key = keyOf(ballot);
    const known = this.#byBallot.get(key);
    // a copy: the signature may be a view of a frame that holds a whole body
    if (known !== undefined) known.set(signer, signature.slice());
    else this.#byBallot.set(key, new Map([[signer, signature.slice()]]));
    if (this.#byBallot.size <= this.#blocksMax) return;
    const [oldest] = this.#byBallot.keys();
    if (oldest !== undefined) this.#byBallot.delete(oldest);
  }
}

function keyOf({ view, block }: Ballot): string {
  return `${view} ${block}`;
}
