const FIRST_SIZE = 16;

/**
 * A first-in-first-out queue of messages with the moment each came in and a tag of the host's.
 * Adding and taking are O(1) and allocate nothing; it grows by doubling, and the mailbox bounds it.
 */
export class Ring<Item, Tag> {
  #items: (Item | undefined)[] = new Array(FIRST_SIZE).fill(undefined);
  #since: number[] = new Array(FIRST_SIZE).fill(0);
  #tags: (Tag | null)[] = new Array(FIRST_SIZE).fill(null);
  #mask = FIRST_SIZE - 1;
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: Item, since: number, tag: Tag | null): void {
    if (this.#size > this.#mask) this.#grow();
    const slot = (this.#head + this.#size) & this.#mask;
    this.#items[slot] = item;
    this.#since[slot] = since;
    this.#tags[slot] = tag;
    this.#size += 1;
  }

  /** When the oldest item came in; look before {@link shift}. */
  get headSince(): number {
    return this.#since[this.#head] as number;
  }

  /** The oldest item's tag; look before {@link shift}. */
  get headTag(): Tag | null {
    return this.#tags[this.#head] as Tag | null;
  }

  /** Takes the oldest item out, undefined when there is none. */
  shift(): Item | undefined {
    if (this.#size === 0) return undefined;
    const head = this.#head;
    const item = this.#items[head];
    // The slot must not keep a handled message (and its body) alive.
    this.#items[head] = undefined;
    this.#tags[head] = null;
    this.#head = (head + 1) & this.#mask;
    this.#size -= 1;
    return item;
  }

  #grow(): void {
    const old = this.#mask + 1;
    this.#items = this.#unrolled(this.#items, undefined);
    this.#since = this.#unrolled(this.#since, 0);
    this.#tags = this.#unrolled(this.#tags, null);
    this.#mask = old * 2 - 1;
    this.#head = 0;
  }

  #unrolled<T>(slots: readonly T[], filler: T): T[] {
    const front = slots.slice(this.#head);
    return front.concat(slots.slice(0, this.#head), new Array<T>(slots.length).fill(filler));
  }
}
