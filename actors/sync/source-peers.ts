import type { Height, ReplicaId } from '../../src/protocol/numbers.js';

/**
 * A peer stands behind the others for so many times as long as it took to answer, or would have taken for all that was asked
 * for, times the replicas: so the third of all that may be of ill will takes a fifteenth of the time with answers that come
 * late or hold little.
 */
const BEHIND_TIMES = 5;

interface Standing {
  connected: boolean;
  /** Not asked before this moment. */
  restUntil: number;
  /** Before this moment others are asked rather, if there are any. */
  behindUntil: number;
  /** How far it said it had committed; −1 when it has said nothing. */
  committedHeight: number;
  /** The height above which it had no committed block to give, though it said so; −1 when none. */
  emptyAbove: number;
}

/** The peers that blocks are fetched from: who may be asked now, and who is next. */
export class SourcePeers {
  /** By replica id. */
  readonly #standings: readonly Standing[];
  #last = -1;

  constructor(replicas: number) {
    const unknown = { connected: false, restUntil: 0, behindUntil: 0, committedHeight: -1, emptyAbove: -1 };
    this.#standings = Array.from({ length: replicas }, () => ({ ...unknown }));
  }

  connected(peer: ReplicaId): void {
    this.#of(peer, (standing) => {
      standing.connected = true;
    });
  }

  disconnected(peer: ReplicaId): void {
    this.#of(peer, (standing) => {
      standing.connected = false;
    });
  }

  /** Leaves a peer alone until `moment`. */
  rest(peer: ReplicaId, moment: number): void {
    this.#of(peer, (standing) => {
      standing.restUntil = Math.max(standing.restUntil, moment);
    });
  }

  /** Notes how long a peer took for what it was asked for, or had not answered for. */
  took(peer: ReplicaId, tookMs: number, now: number): void {
    this.#of(peer, (standing) => {
      standing.behindUntil = now + tookMs * BEHIND_TIMES * this.#standings.length;
    });
  }

  hasCommitted(peer: ReplicaId, height: Height): void {
    this.#of(peer, (standing) => {
      if (standing.committedHeight !== height) standing.emptyAbove = -1;
      standing.committedHeight = height;
    });
  }

  gaveNothingAbove(peer: ReplicaId, height: Height): void {
    this.#of(peer, (standing) => {
      standing.emptyAbove = height;
    });
  }

  /** Whether a range of committed blocks above `height` is worth asking of this peer. */
  hasRangeAbove(peer: ReplicaId, height: Height): boolean {
    const standing = this.#standings[peer];
    return standing !== undefined && standing.committedHeight > height && standing.emptyAbove !== height;
  }

  /**
   * The next peer that may be asked: one of `preferred` if there is any, of these who stands behind for the shortest time,
   * and of these who is next in turn. Null: nobody now.
   */
  next(preferred: ReadonlySet<ReplicaId>, now: number): ReplicaId | null {
    const count = this.#standings.length;
    let best: { readonly peer: number; readonly isPreferred: boolean; readonly behindMs: number } | null = null;
    for (let step = 1; step <= count; step++) {
      const peer = (this.#last + step) % count;
      const standing = this.#standings[peer];
      if (standing === undefined || !standing.connected || standing.restUntil > now) continue;
      const isPreferred = preferred.has(peer as ReplicaId);
      const behindMs = Math.max(0, standing.behindUntil - now);
      const isBetter = best === null || (isPreferred === best.isPreferred ? behindMs < best.behindMs : isPreferred);
      if (isBetter) best = { peer, isPreferred, behindMs };
    }
    if (best === null) return null;
    this.#last = best.peer;
    return best.peer as ReplicaId;
  }

  #of(peer: ReplicaId, change: (standing: Standing) => void): void {
    const standing = this.#standings[peer];
    if (standing !== undefined) change(standing);
  }
}
