/**
 * A running hash of all that happens in a run: two runs are the same when it is. Not a cryptographic one (cyrb53, two
 * 32-bit lanes): nobody attacks it, and it is taken of every byte that the simulated network carries.
 */
export class TraceHash {
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  number(value: number): void {
    // Whole part and fraction: virtual times are no whole numbers.
    const whole = Math.floor(value);
    this.#mix(whole >>> 0);
    this.#mix(Math.floor((value - whole) * 2 ** 32) >>> 0);
  }

  text(value: string): void {
    for (let index = 0; index < value.length; index += 1) this.#mix(value.charCodeAt(index));
  }

  bytes(value: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (let index = 0; index < value.length; index += 1) {
      const byte = value[index] as number;
      high = Math.imul(high ^ byte, 2654435761);
      low = Math.imul(low ^ byte, 1597334677);
    }
    this.#high = high ^ (high >>> 15);
    this.#low = low ^ (low >>> 13);
  }

  /** 16 lower-case hex digits. */
  digest(): string {
    const words = [this.#high, this.#low].map((word) => {
      let mixed = Math.imul(word ^ (word >>> 16), 2246822507);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 3266489909);
      return (mixed ^ (mixed >>> 16)) >>> 0;
    });
    return words.map((word) => word.toString(16).padStart(8, '0')).join('');
  }

  #mix(word: number): void {
    this.#high = Math.imul(this.#high ^ word, 2654435761);
    this.#high ^= this.#high >>> 15;
    this.#low = Math.imul(this.#low ^ word, 1597334677);
    this.#low ^= this.#low >>> 13;
  }
}
