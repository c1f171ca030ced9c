import type { View } from '../../src/protocol/numbers.js';

/** So many quick views, and a commit, take back what a slow one has kept. */
const REMEMBERED = 4;

/**
 * How long the last views took, by the clock of this replica: from when it entered one until a QC led it into the next, with
 * whatever its leader waited for. A view that a TC ended came to nothing, and one that a replica skipped says nothing; neither counts.
 * It forgets by views and not by tenures, in whose changes the one view is short here and the next one there.
 */
export class RecentViews {
  #view: View | null = null;
  #enteredAt = 0;
  /** Milliseconds; the newest last. */
  #times: readonly number[] = [];

  /** The longest of them, milliseconds; 0 where there is none. */
  get longestMs(): number {
    return Math.max(0, ...this.#times);
  }

  /** `view` was entered; `byQc`: a QC for the one before has led there. */
  entered(view: View, byQc: boolean, now: number): void {
    if (byQc && this.#view !== null && view === this.#view + 1) {
      this.#times = [...this.#times, now - this.#enteredAt].slice(-REMEMBERED);
    }
    this.#view = view;
    this.#enteredAt = now;
  }
}
