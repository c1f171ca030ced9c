/** Who took part in the committed chain lately: what the schedule by reputation names leaders from. */
import { invariant } from '../errors.js';
import type { CommittedHistory, ScheduleMemory } from './leader-schedule.js';
import { asReplicaId, asTenure, asView, type ReplicaId, type Tenure, type View } from './numbers.js';
import { tenureOf } from './tenure.js';
import type { BlockHeader } from './types.js';

/** How much of the committed past is remembered, of how large a cluster. */
export interface CommittedActivityOptions extends ScheduleMemory {
  /** n. */
  readonly replicas: number;
  /** T, the views in a tenure. */
  readonly tenureLength: number;
}

/**
 * The committed past as far as a schedule looks back. It is told the committed blocks in order, and keeps, for each of the
 * last tenures that one of them has reached, who was active before it; what it answers for a tenure never changes.
 * Bounded: `blocks` headers' worth of names, and `tenures` + 1 lists of at most n.
 */
export class CommittedActivity implements CommittedHistory {
  readonly #options: CommittedActivityOptions;
  /** Of each of the last blocks, who took part in it; the oldest stands at `#next` once there are enough. */
  readonly #window: (readonly ReplicaId[])[] = [];
  #next = 0;
  /** By replica: the blocks of the window that it took part in. */
  readonly #parts: number[];
  readonly #active = new Map<Tenure, readonly ReplicaId[]>();
  #view = asView(0);
  #tenure = asTenure(0);

  constructor(options: CommittedActivityOptions) {
    this.#options = options;
    this.#parts = new Array<number>(options.replicas).fill(0);
  }

  /** Of the last committed block that it was told; 0 when only genesis is committed. */
  get view(): View {
    return this.#view;
  }

  /** Takes in the block committed next. Blocks may be left out as long as `blocks` in a row come before each new tenure. */
  committed({ view, proposer, justify }: BlockHeader): void {
    const { blocks, tenureLength } = this.#options;
    invariant(view > this.#view, 'committed blocks are told in order');
    this.#view = view;
    if (blocks === 0) return;
    this.#enter(tenureOf(view, tenureLength));
    const signers = justify.signatures.map(({ signer }) => signer);
    this.#slide(signers.includes(proposer) ? signers : [...signers, proposer]);
  }

  activeBefore(tenure: Tenure): readonly ReplicaId[] | null {
    return tenure <= 0 ? NOBODY : (this.#active.get(tenure) ?? null);
  }

  /** A block of `tenure` is about to be taken in: all before it is final for every tenure since the last block's. */
  #enter(tenure: Tenure): void {
    if (tenure === this.#tenure) return;
    const oldest = tenure - this.#options.tenures;
    const active = this.#participants();
    for (let next = Math.max(this.#tenure + 1, oldest); next <= tenure; next += 1) {
      this.#active.set(asTenure(next), active);
    }
    for (const kept of this.#active.keys()) {
      if (kept >= oldest) break;
      this.#active.delete(kept);
    }
    this.#tenure = tenure;
  }

  #participants(): readonly ReplicaId[] {
    return this.#parts.flatMap((blocks, id) => (blocks > 0 ? [asReplicaId(id)] : []));
  }

  #slide(participants: readonly ReplicaId[]): void {
    for (const id of this.#window[this.#next] ?? []) this.#count(id, -1);
    for (const id of participants) this.#count(id, 1);
    this.#window[this.#next] = participants;
    this.#next = (this.#next + 1) % this.#options.blocks;
  }

  #count(id: ReplicaId, change: 1 | -1): void {
    this.#parts[id] = (this.#parts[id] ?? 0) + change;
  }
}

const NOBODY: readonly ReplicaId[] = [];
