import type { InspectionEvent } from './inspection.js';

/** Events on their way to the thread that inspects, at most: where that one is slow, the rest is counted, not kept. */
const ON_THEIR_WAY_MAX = 4096;

/** Inspection events of this thread for whoever inspects on another one. Empty until they are wanted. */
export class ShownEvents {
  wanted = false;
  #waiting: InspectionEvent[] = [];
  #onTheirWay = 0;
  #missed = 0;

  get waiting(): number {
    return this.#waiting.length;
  }

  show(event: InspectionEvent): void {
    if (!this.wanted) return;
    if (this.#onTheirWay + this.#waiting.length >= ON_THEIR_WAY_MAX) {
      this.#missed += 1;
      return;
    }
    if (this.#missed > 0) this.#waiting.push({ type: 'missed', at: event.at, events: this.#missed });
    this.#missed = 0;
    this.#waiting.push(event);
  }

  take(): readonly InspectionEvent[] {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#onTheirWay += taken.length;
    return taken;
  }

  /** The other thread has seen so many more of them. */
  seen(count: number): void {
    this.#onTheirWay -= count;
  }
}
