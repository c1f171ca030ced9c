/**
 * The simulator's random numbers: xoshiro128** (Blackman and Vigna, 2018; 32-bit operations, fast in JavaScript), in
 * streams with names. Each stream depends on the seed and its name alone, so that a fault which is taken away leaves the
 * draws of all other streams as they were: that is what makes shrinking work.
 */

/** Draws numbers; one seed gives one sequence. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Any two seeds differ from the first draw on. */
  constructor(seed: number) {
    let state = seed | 0;
    // SplitMix32: the four words of the state must not be near each other, nor all zero.
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return (mixed ^ (mixed >>> 15)) >>> 0;
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1;
  }

  /** A whole number, 0 .. 2^32 − 1. */
  uint32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** 0 ≤ x < 1. */
  unit(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number, 0 .. below − 1. */
  below(below: number): number {
    return Math.floor(this.unit() * below);
  }

  /** least ≤ x < most. */
  between(least: number, most: number): number {
    return least + this.unit() * (most - least);
  }

  /** True with that probability, 0 .. 1. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** One of `items`, which are not empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** `items` in a random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const mixed = [...items];
    for (let last = mixed.length - 1; last > 0; last -= 1) {
      const other = this.below(last + 1);
      [mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T];
    }
    return mixed;
  }

  /** So many bytes. */
  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let index = 0; index < count; index += 1) bytes[index] = this.uint32() >>> 24;
    return bytes;
  }
}

/** Returns the stream of that name. The same seed and name give the same draws, whatever other streams were drawn from. */
export function stream(seed: number, name: string): Random {
  let mixed = seed | 0;
  for (let index = 0; index < name.length; index += 1) {
    mixed = Math.imul(mixed ^ name.charCodeAt(index), 0x01000193);
    mixed ^= mixed >>> 13;
  }
  return new Random(mixed);
}
