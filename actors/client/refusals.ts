/**
 * What replicas refuse of one command, and what comes of it. The word of one replica decides about nothing but what was
 * asked of it: it can have the command go to others sooner, once, and never later; f+1 replicas that say the same decide.
 */
import { limits } from '../../src/config/limits.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { RefusalReason } from '../../src/wire/client-messages.js';

/** Refusals for want of room after which a command goes to other replicas too: the one that refuses may be lying. */
const REFUSALS_PER_RETRY = 4;

/** When the command is to be sent again, by the clock of the turns. */
export interface SentAgain {
  readonly at: number;
  /** To the leader only, which had no room; else to others too. */
  readonly onlyToLeader: boolean;
}

/** Why a command can never be taken. */
type FinalReason = Exclude<RefusalReason, 'poolFull' | 'stopping'>;

/** The refusals of one command; made when it is refused or sent again for the first time, which most commands never are. */
export class Refusals {
  /** Those to which it was sent since their last refusal: each sending may be refused once. */
  readonly #asked: Set<ReplicaId>;
  /** Those for whose refusal it was sent to others at once. */
  readonly #hastened = new Set<ReplicaId>();
  /** The last word of those that say it can never be taken. */
  readonly #final = new Map<ReplicaId, FinalReason>();
  #fullPools = 0;
  /** When the leader is asked again; infinity where it is not to be. */
  againAt = Number.POSITIVE_INFINITY;

  constructor(firstSentTo: ReplicaId) {
    this.#asked = new Set([firstSentTo]);
  }

  /** It was sent to those once more. */
  sentTo(replicas: readonly ReplicaId[]): void {
    for (const replica of replicas) this.#asked.add(replica);
    this.againAt = Number.POSITIVE_INFINITY;
  }

  /**
   * When a refusal by `from` has it sent again; null where it changes nothing: where `from` was not asked, where the leader is
   * to be asked again already, and where `from` has had it sent to others before, which would be without end otherwise.
   */
  refused(from: ReplicaId, reason: RefusalReason, now: number): SentAgain | null {
    if (!this.#asked.delete(from)) return null;
    if (reason === 'poolFull') return this.#poolFull(now);
    if (this.#hastened.has(from)) return null;
    this.#hastened.add(from);
    return { at: now, onlyToLeader: false };
  }

  /** Counts a word that it can never be taken, asked for or not; true once `needed` replicas say the same. */
  areFinal(from: ReplicaId, reason: FinalReason, needed: number): boolean {
    this.#final.set(from, reason);
    return [...this.#final.values()].filter((each) => each === reason).length >= needed;
  }

  #poolFull(now: number): SentAgain | null {
    if (this.againAt !== Number.POSITIVE_INFINITY) return null;
    const { clientRefusalPauseFirstMs, clientRefusalPauseLastMs } = limits;
    const at = now + Math.min(clientRefusalPauseFirstMs * 2 ** this.#fullPools, clientRefusalPauseLastMs);
    this.#fullPools += 1;
    if (this.#fullPools % REFUSALS_PER_RETRY === 0) return { at, onlyToLeader: false };
    this.againAt = at;
    return { at, onlyToLeader: true };
  }
}
