import { invariant } from '../../src/errors.js';

/** So many times what is free may be one address's. */
const TIMES_FREE = 4;

/**
 * Room that addresses share: commands, bytes or clients. An address is let in as long as it would hold no more than four
 * times what nobody holds. So one alone fills four fifths; and many that want all they can get come to hold equal parts, and
 * a quarter of such a part stays free for whoever holds little. What came first is not put out for it: they come to that
 * by what is executed.
 */
export class SharedRoom {
  readonly #most: number;
  readonly #timesFree: number;
  readonly #byAddress = new Map<string, { held: number }>();
  #held = 0;

  /** `most`: what all may hold together. Where `byAddress` is false one address may hold all of it. */
  constructor(most: number, { byAddress }: { readonly byAddress: boolean }) {
    this.#most = most;
    this.#timesFree = byAddress ? TIMES_FREE : Number.POSITIVE_INFINITY;
  }

  hasRoomFor(address: string, amount: number): boolean {
    const free = this.#most - this.#held;
    return amount <= free && (this.#byAddress.get(address)?.held ?? 0) + amount <= this.#timesFree * free;
  }

  take(address: string, amount: number): void {
    this.#held += amount;
    const part = this.#byAddress.get(address);
    if (part === undefined) this.#byAddress.set(address, { held: amount });
    else part.held += amount;
  }

  giveBack(address: string, amount: number): void {
    const part = this.#byAddress.get(address);
    invariant(part !== undefined && part.held >= amount, 'an address gives back what it has taken');
    this.#held -= amount;
    part.held -= amount;
    if (part.held === 0) this.#byAddress.delete(address);
  }
}
