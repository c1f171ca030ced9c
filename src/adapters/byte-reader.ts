/** Reads numbers and strings of LevelDB's formats one after the other. What does not fit makes it bad, and nothing throws. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  /** Something did not fit; what was read since means nothing. */
  bad = false;

  constructor(bytes: Uint8Array, from = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  get done(): boolean {
    return this.bad || this.#at >= this.#end;
  }

  /** A number of seven bits a byte, lowest first; bad from 2^53 on. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= Number.MAX_SAFE_INTEGER; scale *= 128) {
      const byte = this.#at < this.#end ? (this.#bytes[this.#at] as number) : 0;
      if (this.#at >= this.#end) break;
      this.#at += 1;
      value += (byte & 127) * scale;
      if (byte < 128 && value <= Number.MAX_SAFE_INTEGER) return value;
    }
    this.bad = true;
    return 0;
  }

  skip(length: number): void {
    if (length > this.#end - this.#at) this.bad = true;
    else this.#at += length;
  }

  /** Passes over a string that stands behind its length. */
  skipString(): void {
    this.skip(this.varint());
  }
}
