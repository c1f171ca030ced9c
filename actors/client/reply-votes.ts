/** When a client believes a reply: f+1 replicas, one of them correct, gave the same bytes at the same height. */
import { equalBytes } from '../../src/crypto/hash.js';
import type { Height, ReplicaId } from '../../src/protocol/numbers.js';

/** What one replica says of one command. */
export interface ReplyClaim {
  readonly from: ReplicaId;
  readonly height: Height;
  readonly reply: Uint8Array;
}

/** A reply and how many replicas gave it. */
interface Candidate {
  readonly height: Height;
  readonly reply: Uint8Array;
  count: number;
}

/** Replicas whose votes are kept as bits of one small integer; the others' are kept in a set. */
const BITS = 30;

/**
 * The claims on one command. Every replica has one vote, its first claim, so that no more than n are ever kept.
 * Laid out for the usual case, which is every command of a busy client: all claims are equal and n is small. Then a
 * command costs this object and one candidate.
 */
export class ReplyVotes {
  #voted = 0;
  #votedBeyond: Set<ReplicaId> | null = null;
  #first: Candidate | null = null;
  #others: Candidate[] | null = null;

  /** Adds a claim and tells whether it completed `needed` equal ones. */
  count(claim: ReplyClaim, needed: number): boolean {
    if (!this.#takeVote(claim.from)) return false;
    const candidate = this.#candidateFor(claim);
    candidate.count += 1;
    return candidate.count >= needed;
  }

  /** False when the replica has voted before. */
  #takeVote(replica: ReplicaId): boolean {
    if (replica >= BITS) {
      this.#votedBeyond ??= new Set();
      if (this.#votedBeyond.has(replica)) return false;
      this.#votedBeyond.add(replica);
      return true;
    }
    const bit = 1 << replica;
    if ((this.#voted & bit) !== 0) return false;
    this.#voted |= bit;
    return true;
  }

  #candidateFor(claim: ReplyClaim): Candidate {
    if (this.#first === null) {
      this.#first = newCandidate(claim);
      return this.#first;
    }
    if (isOf(this.#first, claim)) return this.#first;
    this.#others ??= [];
    const known = this.#others.find((candidate) => isOf(candidate, claim));
    if (known !== undefined) return known;
    const candidate = newCandidate(claim);
    this.#others.push(candidate);
    return candidate;
  }
}

function newCandidate({ height, reply }: ReplyClaim): Candidate {
  return { height, reply, count: 0 };
}

function isOf(candidate: Candidate, claim: ReplyClaim): boolean {
  return candidate.height === claim.height && equalBytes(candidate.reply, claim.reply);
}
