import type { BlockHash, ReplicaId } from '../../../src/protocol/numbers.js';
import { quorumSize } from '../../../src/protocol/quorum.js';
import type { Block, QuorumCertificate, Vote } from '../../../src/protocol/types.js';
import type { Liar } from './liar.js';

/** Gathers the votes for blocks that a liar made behind the back of its own actors. */
export class Ballots {
  readonly #liar: Liar;
  readonly #votes = new Map<BlockHash, Map<ReplicaId, Vote>>();

  constructor(liar: Liar) {
    this.#liar = liar;
  }

  /** Opens a ballot on a block, with the liar's own vote in it. */
  open({ hash, header }: Block): void {
    const vote = this.#liar.pen.vote(header.view, hash);
    this.#votes.set(hash, new Map([[vote.signer, vote]]));
  }

  has(block: BlockHash): boolean {
    return this.#votes.has(block);
  }

  /** Takes in a vote for such a block. Returns the certificate when this vote completes it. */
  add(vote: Vote): QuorumCertificate | null {
    const votes = this.#votes.get(vote.block);
    if (votes === undefined || votes.has(vote.signer) || !this.#liar.isVote(vote)) return null;
    votes.set(vote.signer, vote);
    if (votes.size !== quorumSize(this.#liar.cluster.replicas)) return null;
    const signatures = [...votes.values()]
      .sort((a, b) => a.signer - b.signer)
      .map(({ signer, signature }) => ({ signer, signature }));
    return { view: vote.view, block: vote.block, signatures };
  }
}
