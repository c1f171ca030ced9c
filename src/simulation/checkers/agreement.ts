/**
 * S1 and S3: what correct replicas commit are prefixes of one chain, gap-free and in order, over all their lives; and a
 * committed block carries a certificate of a quorum for its parent (S6). Knows nothing of how a commit is decided.
 */
import type { Block, QuorumCertificate, Vote } from '../../protocol/types.js';
import type { Accuse } from '../violation.js';

interface AgreementOptions {
  readonly replicas: number;
  readonly accuse: Accuse;
  /** Whether the signature is the signer's, over that view and block. */
  readonly isVote: (vote: Vote) => boolean;
}

interface Committed {
  readonly hash: string;
  readonly parent: string;
  readonly view: number;
  readonly bodyBytes: number;
  /** When some replica was the first to commit it, virtual milliseconds. */
  readonly at: number;
  readonly by: number;
}

/** Holds what each correct replica commits against one chain: at each height the block that was committed first. */
export class AgreementChecker {
  readonly #options: AgreementOptions;
  /** The chain that the first replica to reach each height has committed; index is height − 1. */
  readonly #chain: Committed[] = [];
  #nonEmptyHeight = 0;
  readonly #heights = new Map<number, number>();
  /** The most that a replica has ever committed. */
  readonly #highest = new Map<number, number>();

  constructor(options: AgreementOptions) {
    this.#options = options;
  }

  /** The height of the highest block that any replica has committed. */
  get height(): number {
    return this.#chain.length;
  }

  /** The height of the highest such block that is not empty. */
  get nonEmptyHeight(): number {
    return this.#nonEmptyHeight;
  }

  at(height: number): Committed | undefined {
    return this.#chain[height - 1];
  }

  /** The committed height of a replica in its present life. */
  heightOf(replica: number): number {
    return this.#heights.get(replica) ?? 0;
  }

  /** The most it has committed in any life. */
  highestOf(replica: number): number {
    return this.#highest.get(replica) ?? 0;
  }

  /**
   * A replica begins a life at `height`. `untold` are the blocks on its disk above all that it has told: a crash may come
   * between the write of a commit and the news of it, and what is on the disk is committed all the same.
   */
  recovered(replica: number, height: number, untold: readonly Block[], at: number): void {
    this.#heights.set(replica, Math.min(height, this.highestOf(replica)));
    this.committed(replica, untold, at);
    const found = this.heightOf(replica);
    if (found === height) return;
    this.#options.accuse(
      'S3',
      `replica ${replica} recovered height ${height}, and its committed chain ends at ${found}`,
    );
    this.#heights.set(replica, height);
  }

  committed(replica: number, blocks: readonly Block[], at: number): void {
    for (const block of blocks) this.#committed(replica, block, at);
  }

  #committed(replica: number, block: Block, at: number): void {
    const { accuse } = this.#options;
    const { hash, header, body } = block;
    const { height, parent, view } = header;
    const before = this.heightOf(replica);
    if (height !== before + 1) {
      accuse('S3', `replica ${replica} committed height ${height} after ${before}`);
      return;
    }
    this.#heights.set(replica, height);
    this.#highest.set(replica, Math.max(height, this.highestOf(replica)));
    const known = this.#chain[height - 1];
    if (known !== undefined) {
      if (known.hash !== hash) {
        const other = `${known.hash.slice(0, 8)} of view ${known.view}`;
        accuse(
          'S1',
          `replica ${replica} committed ${hash.slice(0, 8)} of view ${view} at height ${height}, another ${other}`,
        );
      }
      return;
    }
    const below = this.#chain[height - 2];
    if (below !== undefined && below.hash !== parent) {
      accuse(
        'S1',
        `replica ${replica} committed ${hash.slice(0, 8)} at height ${height} on another parent than is committed`,
      );
    }
    this.#checkCertificate(replica, height, header.justify);
    if (body.length > 0) this.#nonEmptyHeight = height;
    this.#chain.push({ hash, parent, view, bodyBytes: body.length, at, by: replica });
  }

  #checkCertificate(replica: number, height: number, qc: QuorumCertificate): void {
    if (qc.view === 0) return;
    const { replicas, accuse, isVote } = this.#options;
    const needed = replicas - Math.floor((replicas - 1) / 3);
    const valid = new Set<number>();
    for (const signed of qc.signatures) {
      const { signer } = signed;
      if (signer >= 0 && signer < replicas && isVote({ ...signed, view: qc.view, block: qc.block })) valid.add(signer);
    }
    if (valid.size >= needed) return;
    accuse(
      'S6',
      `replica ${replica} accepted at height ${height} a certificate of view ${qc.view} with ${valid.size} of ${needed} valid signers`,
    );
  }
}
