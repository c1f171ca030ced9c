import type { ReplicaId } from '../../src/protocol/numbers.js';

/** Timeouts of one peer that are verified in one interval. A correct one sends one at a timer's end, and a few to catch up. */
const TIMEOUTS_PER_INTERVAL = 8;

interface Spent {
  since: number;
  timeouts: number;
}

/**
 * How many Timeouts of each peer are worth their signature checks. A faulty replica can sign one for ever later tenures
 * without end, every one of them new; what is refused here a correct one sends again at its timer's next end.
 */
export class TimeoutAllowance {
  readonly #intervalMs: number;
  readonly #spent = new Map<ReplicaId, Spent>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Takes one from what `peer` has left at `now`, milliseconds; false when nothing is. */
  take(peer: ReplicaId, now: number): boolean {
    const spent = this.#spent.get(peer);
    if (spent === undefined || now - spent.since >= this.#intervalMs) {
      this.#spent.set(peer, { since: now, timeouts: 1 });
      return true;
    }
    spent.timeouts += 1;
    return spent.timeouts <= TIMEOUTS_PER_INTERVAL;
  }
}
