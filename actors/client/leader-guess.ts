/** Where a client believes the leader to be. A wrong guess costs a hop, since every replica forwards. */
import { asReplicaId, type ReplicaId, type View } from '../../src/protocol/numbers.js';

interface Hint {
  readonly view: View;
  readonly leader: ReplicaId;
}

/** No hint believed yet. */
const NEVER = -1;

/** Keeps a guess of the leader, at first replica 0, and changes it by hints and by replicas that fail. */
export class LeaderGuess {
  readonly #replicas: number;
  readonly #needed: number;
  /** The latest hint of each replica, by its id. */
  readonly #hints: (Hint | null)[];
  #guess = asReplicaId(0);
  /** The view in which f+1 replicas placed a leader that was believed last; later ones only are believed. */
  #believedView = NEVER;

  /** `replicas`: n. `needed`: f+1, the number of equal hints of which one is true. */
  constructor(replicas: number, needed: number) {
    this.#replicas = replicas;
    this.#needed = needed;
    this.#hints = new Array<null>(replicas).fill(null);
  }

  get current(): ReplicaId {
    return this.#guess;
  }

  /**
   * Takes a replica's hint. It is followed when f+1 replicas name that leader for a later view than the last time,
   * or while nobody supports the present guess. An older view than the same replica's last one changes nothing.
   */
  hinted(from: ReplicaId, view: View, leader: ReplicaId): void {
    const last = this.#hints[from] ?? null;
    if (leader >= this.#replicas || (last !== null && last.view > view)) return;
    this.#hints[from] = { view, leader };
    const believed = this.#provenView(leader);
    if (believed > this.#believedView) {
      this.#believedView = believed;
      this.#guess = leader;
    } else if (this.#believedView === NEVER && this.#supporters(this.#guess) === 0) {
      this.#guess = leader;
    }
  }

  /** `replica` did not answer or is gone: if it was the guess, take the most hinted of `reachable`, else the next. */
  failed(replica: ReplicaId, reachable: readonly ReplicaId[]): void {
    this.#hints[replica] = null;
    if (replica !== this.#guess) return;
    const others = reachable.filter((other) => other !== replica);
    const next = others.find((other) => other > replica) ?? others[0];
    this.#guess = this.#mostHinted(others) ?? next ?? this.#guess;
  }

  /** The highest view for which f+1 replicas, so at least one correct one, have named `leader`. */
  #provenView(leader: ReplicaId): number {
    const views = this.#hints.flatMap((hint) => (hint !== null && hint.leader === leader ? [hint.view as number] : []));
    return views.sort((a, b) => b - a)[this.#needed - 1] ?? NEVER;
  }

  #supporters(leader: ReplicaId): number {
    return this.#hints.filter((hint) => hint !== null && hint.leader === leader).length;
  }

  #mostHinted(among: readonly ReplicaId[]): ReplicaId | null {
    let best: ReplicaId | null = null;
    for (const candidate of among) {
      if (this.#supporters(candidate) > (best === null ? 0 : this.#supporters(best))) best = candidate;
    }
    return best;
  }
}
