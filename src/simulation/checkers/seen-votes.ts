/**
 * Who has voted for which block, as far as that was sent to anybody: in a vote, or in a certificate that was made of it. A
 * vote counts where its signature is its signer's, whoever sent it.
 */
import { equalBytes } from '../../crypto/hash.js';
import type { Vote } from '../../protocol/types.js';
import type { PeerMessage } from '../../wire/peer-messages.js';
import { certificatesIn } from './seen-certificates.js';

interface SeenVotesOptions {
  readonly replicas: number;
  /** Whether the signature is the signer's, over that view and block. */
  readonly isVote: (vote: Vote) => boolean;
}

/** Gathers valid votes by view and block from every message that is sent. */
export class SeenVotes {
  readonly #options: SeenVotesOptions;
  /** By view and block, the signatures by signer. */
  readonly #voters = new Map<string, Map<number, Uint8Array>>();
  /** Each message is one object, to however many it goes. */
  readonly #seen = new WeakSet<PeerMessage>();

  constructor(options: SeenVotesOptions) {
    this.#options = options;
  }

  /** Called for each message that is sent. */
  sent(message: PeerMessage): void {
    if (this.#seen.has(message)) return;
    this.#seen.add(message);
    if (message.type === 'vote') return this.#add(message.vote);
    for (const { view, block, signatures } of certificatesIn(message).qcs) {
      for (const signed of signatures) this.#add({ ...signed, view, block });
    }
  }

  /** The replicas whose votes for `block` in `view` were seen. */
  of(view: number, block: string): ReadonlyMap<number, Uint8Array> {
    return this.#voters.get(keyOf(view, block)) ?? NOBODY;
  }

  /** Whether a vote is its signer's, and that of a replica. Costs little where it was seen before. */
  isValid(vote: Vote): boolean {
    const { signer, view, block, signature } = vote;
    const known = this.of(view, block).get(signer);
    if (known !== undefined && equalBytes(known, signature)) return true;
    return signer >= 0 && signer < this.#options.replicas && this.#options.isVote(vote);
  }

  #add(vote: Vote): void {
    const { signer, view, block } = vote;
    if (this.of(view, block).has(signer) || !this.isValid(vote)) return;
    const key = keyOf(view, block);
    const voters = this.#voters.get(key) ?? new Map();
    voters.set(signer, vote.signature);
    this.#voters.set(key, voters);
  }
}

const NOBODY: ReadonlyMap<number, Uint8Array> = new Map();

function keyOf(view: number, block: string): string {
  return `${view} ${block}`;
}
