import type { ErrorFacts } from '../src/errors.js';

/**
 * What others did wrong, by its literal name: counted always, and logged once for each culprit and kind, so that a flood
 * of it cannot flood the log. Names come from a fixed set, and culprits are peers or one word for all strangers.
 */
export class Refusals {
  readonly #warn: (facts: ErrorFacts) => void;
  readonly #counts = new Map<string, number>();
  readonly #logged = new Set<string>();

  /** `warn` writes one line of the log. */
  constructor(warn: (facts: ErrorFacts) => void) {
    this.#warn = warn;
  }

  /** Counts what is no misbehaviour: nothing is logged. */
  countQuietly(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** Counts what `culprit` did, and logs it with `facts` at the first time. */
  count(reason: string, culprit: string | number, facts: ErrorFacts): void {
    this.countQuietly(reason);
    const key = `${culprit} ${reason}`;
    if (this.#logged.has(key)) return;
    this.#logged.add(key);
    this.#warn({ reason, ...facts });
  }

  /** How often each thing happened. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
