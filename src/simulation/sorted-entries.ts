/** Entries by key, in the order of their keys; keys mostly come in that order. */
export class SortedEntries {
  readonly #values: Map<string, Uint8Array>;
  #keys: string[];
  /** Keys that came out of order, or went, since the keys were sorted last. */
  #unsorted = false;

  constructor(entries: Iterable<readonly [string, Uint8Array]>) {
    this.#values = new Map(entries);
    this.#keys = [...this.#values.keys()].sort();
  }

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Uint8Array): void {
    if (!this.#values.has(key)) {
      if (this.#keys.length > 0 && key < (this.#keys.at(-1) as string)) this.#unsorted = true;
      this.#keys.push(key);
    }
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#unsorted = true;
  }

  /** The entries with `from` ≤ key < `to`. */
  *range(from: string, to: string): Generator<readonly [string, Uint8Array]> {
    this.#sort();
    for (let index = this.#firstFrom(from); index < this.#keys.length; index += 1) {
      const key = this.#keys[index] as string;
      if (key >= to) return;
      yield [key, this.#values.get(key) as Uint8Array];
    }
  }

  copy(): SortedEntries {
    return new SortedEntries(this.#values);
  }

  #sort(): void {
    if (!this.#unsorted) return;
    this.#keys = [...this.#values.keys()].sort();
    this.#unsorted = false;
  }

  #firstFrom(from: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] as string) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
