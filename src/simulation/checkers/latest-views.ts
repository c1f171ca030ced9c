/** A replica looks at the four last of these; two more, since it may commit before it enters the views of the same moment. */
const VIEWS = 6;
/** With more than these, in tenures of few views, the oldest are held as one. */
const HELD = 64;

interface Spent {
  readonly since: number;
  readonly milliseconds: number;
  /** A QC has ended it, for certain: a TC ends the tenure. */
  readonly byQc: boolean;
}

/**
 * How long the last views of one life of a replica took, at most, seen from outside. Whether a QC has ended the last view of a
 * tenure cannot be seen, so it may count and may not.
 */
export class LatestViews {
  readonly #tenure: number;
  #view = Number.NaN;
  #enteredAt = 0;
  /** The newest last; with as many ended by a QC, for certain, as a replica may look at. */
  #spent: readonly Spent[] = [];

  constructor(tenure: number) {
    this.#tenure = tenure;
  }

  entered(view: number, now: number): void {
    if (view === this.#view + 1) {
      const byQc = view % this.#tenure !== 0;
      const spent = [...this.#spent, { since: this.#enteredAt, milliseconds: now - this.#enteredAt, byQc }];
      const certain = spent.flatMap((each, index) => (each.byQc ? [index] : []));
      this.#spent = withoutMany(spent.slice(certain.at(-VIEWS) ?? 0));
    }
    this.#view = view;
    this.#enteredAt = now;
  }

  /** The longest of them; infinite where one began before `lastJump`, by when the replica's clock may have leapt in it. */
  longestMs(lastJump: number): number {
    return Math.max(0, ...this.#spent.map(({ since, milliseconds }) => (since <= lastJump ? Infinity : milliseconds)));
  }
}

function withoutMany(spent: readonly Spent[]): readonly Spent[] {
  const [oldest, next, ...others] = spent;
  if (spent.length <= HELD || oldest === undefined || next === undefined) return spent;
  return [{ ...oldest, milliseconds: Math.max(oldest.milliseconds, next.milliseconds), byQc: false }, ...others];
}
