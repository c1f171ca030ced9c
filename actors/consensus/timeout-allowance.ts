import type { ReplicaId } from '../../src/protocol/numbers.js';

interface Spent {
  since: number;
  timeouts: number;
}

/**
 * How many Timeouts of each peer are worth their signature checks. A faulty replica can sign one for ever later tenures
 * without end, every one of them new; what is refused here a correct one sends again at its timer's next end.
 */
export class TimeoutAllowance {
  readonly #perInterval: number;
  readonly #intervalMs: number;
  readonly #spent = new Map<ReplicaId, Spent>();

  constructor(perInterval: number, intervalMs: number) {
    this.#perInterval = perInterval;
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
    return spent.timeouts <= this.#perInterval;
  }
}
