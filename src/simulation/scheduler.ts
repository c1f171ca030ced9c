/**
 * The one queue of a simulated world: what happens next, by virtual time and then in the order of asking. An **event** is
 * one thing taken from it: a frame that arrives, a timer, a disk or pool completion, a step of a client, a fault.
 */

/** What an event was. Counted by kind. */
export type EventKind = 'frame' | 'timer' | 'disk' | 'pool' | 'machine' | 'connection' | 'client' | 'fault' | 'check';

/** One thing that will happen, unless it is cancelled. */
export interface ScheduledEvent {
  /** Virtual milliseconds. */
  readonly at: number;
  readonly order: number;
  readonly kind: EventKind;
  run: (() => void) | null;
}

/** Keeps virtual time, which stands still but in `step`, and runs what is due one event at a time. */
export class Scheduler {
  #heap: ScheduledEvent[] = [];
  #order = 0;
  #now = 0;
  #events = 0;
  readonly #byKind = new Map<EventKind, number>();

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** Events so far. */
  get events(): number {
    return this.#events;
  }

  /** Events so far of each kind. */
  get byKind(): ReadonlyMap<EventKind, number> {
    return this.#byKind;
  }

  /** Has `run` called at the virtual time `at`; a moment that is past means now, after all that is due already. */
  at(at: number, kind: EventKind, run: () => void): ScheduledEvent {
    const event: ScheduledEvent = { at: Math.max(at, this.#now), order: this.#order, kind, run };
    this.#order += 1;
    this.#push(event);
    return event;
  }

  after(delayMs: number, kind: EventKind, run: () => void): ScheduledEvent {
    return this.at(this.#now + delayMs, kind, run);
  }

  /** It never happens; what has happened is left alone. */
  cancel(event: ScheduledEvent): void {
    event.run = null;
  }

  /** Lets the next event happen, and moves time to it. Returns it, null where there is none at or before `until`. */
  step(until: number): ScheduledEvent | null {
    this.#dropCancelled();
    const next = this.#heap[0];
    if (next === undefined || next.at > until) return null;
    this.#pop();
    this.#now = next.at;
    this.#events += 1;
    this.#byKind.set(next.kind, (this.#byKind.get(next.kind) ?? 0) + 1);
    const { run } = next;
    next.run = null;
    run?.();
    return next;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.run === null) this.#pop();
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as ScheduledEvent;
      if (!isBefore(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as ScheduledEvent;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as ScheduledEvent, heap[child] as ScheduledEvent))
        child += 1;
      const below = heap[child] as ScheduledEvent;
      if (!isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
