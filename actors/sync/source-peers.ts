import type { Height, ReplicaId } from '../../src/protocol/numbers.js';

interface Standing {
  connected: boolean;
  /** Not asked before this moment. */
  restUntil: number;
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
    const unknown = { connected: false, restUntil: 0, committedHeight: -1, emptyAbove: -1 };
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

  /** The next peer in turn that may be asked; one of `preferred` if there is any. Null: nobody now. */
  next(preferred: ReadonlySet<ReplicaId>, now: number): ReplicaId | null {
    const count = this.#standings.length;
    let second: number | null = null;
    for (let step = 1; step <= count; step++) {
      const peer = (this.#last + step) % count;
      const standing = this.#standings[peer];
      if (standing === undefined || !standing.connected || standing.restUntil > now) continue;
      if (preferred.has(peer as ReplicaId)) return this.#turn(peer);
      second ??= peer;
    }
    return second === null ? null : this.#turn(second);
  }

  #turn(peer: number): ReplicaId {
    this.#last = peer;
    return peer as ReplicaId;
  }

  #of(peer: ReplicaId, change: (standing: Standing) => void): void {
    const standing = this.#standings[peer];
    if (standing !== undefined) change(standing);
  }
}
