import type { SignedHeader } from '../../src/protocol/evidence.js';
import type { View } from '../../src/protocol/numbers.js';

/**
 * The first proposal of each uncommitted view whose block is held or waits for its parent, without its body: a second
 * one is evidence, and goes no further. Bounded by views, since each tenure that ends without a commit may leave one; the
 * oldest is forgotten first.
 */
export class SeenProposals {
  readonly #viewsMax: number;
  readonly #headers = new Map<View, SignedHeader>();

  constructor(viewsMax: number) {
    this.#viewsMax = viewsMax;
  }

  get size(): number {
    return this.#headers.size;
  }

  get(view: View): SignedHeader | undefined {
    return this.#headers.get(view);
  }

  has(view: View): boolean {
    return this.#headers.has(view);
  }

  add(view: View, header: SignedHeader): void {
    this.#headers.set(view, header);
    if (this.#headers.size <= this.#viewsMax) return;
    const [oldest] = this.#headers.keys();
    if (oldest !== undefined) this.#headers.delete(oldest);
  }

  /** Its block is not held after all, so that it may come again. */
  forget(view: View): void {
    this.#headers.delete(view);
  }

  /** Forgets what is committed. */
  dropThrough(view: View): void {
    for (const seen of this.#headers.keys()) if (seen <= view) this.#headers.delete(seen);
  }
}
