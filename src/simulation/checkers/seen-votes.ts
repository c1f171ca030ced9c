/**
 * Who has voted for which block, as far as that was sent to anybody: in a vote, or in a certificate that was made of it. A
 * vote counts where its signature is its signer's, whoever sent it.
 */
import { equalBytes } from '../../crypto/hash.js';
import type { QuorumCertificate, SignerSignature, Vote } from '../../protocol/types.js';
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
  /** By block and view, the signatures by signer. */
  readonly #voters = new Map<string, Map<number, Map<number, Uint8Array>>>();
  /** Each message is one object, to however many it goes, and they mostly get it one after the other. */
  #last: PeerMessage | null = null;

  constructor(options: SeenVotesOptions) {
    this.#options = options;
  }

  /** Called for each message that is sent. */
  sent(message: PeerMessage): void {
    if (message === this.#last) return;
    this.#last = message;
    if (message.type === 'vote') {
      this.#add(message.vote, message.vote);
      return;
    }
    for (const qc of certificatesIn(message).qcs) this.validSigners(qc);
  }

  /** The replicas whose votes for `block` in `view` were seen. */
  of(view: number, block: string): ReadonlyMap<number, Uint8Array> {
    return this.#voters.get(block)?.get(view) ?? NOBODY;
  }

  /** How many replicas have signed the certificate. Costs little where their signatures were seen before. */
  validSigners(qc: QuorumCertificate): number {
    const members = new Set<number>();
    const known = this.of(qc.view, qc.block);
    for (const signed of qc.signatures) {
      const seen = known.get(signed.signer);
      const isValid = seen !== undefined && equalBytes(seen, signed.signature);
      if (isValid || this.#add(qc, signed)) members.add(signed.signer);
    }
    return members.size;
  }

  /** Whether the signature is one of a replica for that block. Of each replica the first valid one is kept. */
  #add({ view, block }: Pick<Vote, 'view' | 'block'>, { signer, signature }: SignerSignature): boolean {
    const { replicas, isVote } = this.#options;
    if (!(signer >= 0 && signer < replicas)) return false;
    const views = this.#voters.get(block) ?? new Map<number, Map<number, Uint8Array>>();
    const voters = views.get(view) ?? new Map<number, Uint8Array>();
    const known = voters.get(signer);
    if (known !== undefined && equalBytes(known, signature)) return true;
    if (!isVote({ view, block, signer, signature })) return false;
    if (known !== undefined) return true;
    this.#voters.set(block, views.set(view, voters.set(signer, signature)));
    return true;
  }
}

const NOBODY: ReadonlyMap<number, Uint8Array> = new Map();
