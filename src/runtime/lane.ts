import { ConfigurationError } from '../errors.js';
import { Ring } from './ring.js';

/**
 * The lanes of a mailbox, most urgent first. `control`: the actor's own life and its disk's answers; `protocol`: what
 * keeps the views turning; `bulk`: commands, blocks of others, whatever there is much of.
 */
export type Lane = 'control' | 'protocol' | 'bulk';

/** All lanes, most urgent first. */
export const LANES: readonly Lane[] = ['control', 'protocol', 'bulk'];

/** What a full lane does with one more message. `holdBack` keeps it with its sender, who waits: not for cycles. */
export type OverflowPolicy = 'refuse' | 'dropOldest' | 'holdBack';

/** How much one lane of a mailbox holds, and what happens to what does not fit. */
export interface LaneOptions {
  /** Messages, 1 or more. */
  readonly capacity: number;
  readonly overflow: OverflowPolicy;
}

/** What happened in one lane so far; milliseconds are sums over its messages. */
export interface LaneCounters {
  readonly depth: number;
  readonly highWater: number;
  readonly accepted: number;
  readonly handled: number;
  readonly refused: number;
  readonly dropped: number;
  /** Times a sender was made to wait. */
  readonly heldBack: number;
  readonly waitedMs: number;
  readonly processedMs: number;
}

/** One lane of a mailbox: its queue, its policy and what happened in it. The mailbox keeps it right. */
export class LaneState<Own, Tag> {
  readonly queue = new Ring<Own, Tag>();
  readonly name: Lane;
  readonly capacity: number;
  readonly overflow: OverflowPolicy;
  /** Messages taken from more urgent lanes since this one's last, while it had some. */
  passedOver = 0;
  highWater = 0;
  accepted = 0;
  handled = 0;
  refused = 0;
  dropped = 0;
  heldBack = 0;
  waitedMs = 0;
  processedMs = 0;

  /** @throws ConfigurationError for a capacity that is not a whole number above zero. */
  constructor(name: Lane, options: LaneOptions) {
    const { capacity, overflow } = options;
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new ConfigurationError(
        'MAILBOX_CAPACITY',
        `the capacity of lane ${name} is ${capacity}; it must be a whole number from 1`,
        { lane: name, capacity },
      );
    }
    this.name = name;
    this.capacity = capacity;
    this.overflow = overflow;
  }

  get full(): boolean {
    return this.queue.size >= this.capacity;
  }

  counters(): LaneCounters {
    const { highWater, accepted, handled, refused, dropped, heldBack, waitedMs, processedMs } = this;
    const depth = this.queue.size;
    return { depth, highWater, accepted, handled, refused, dropped, heldBack, waitedMs, processedMs };
  }
}
