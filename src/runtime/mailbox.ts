import { ConfigurationError } from '../errors.js';
import type { Message } from './behaviour.js';
import { Ring } from './ring.js';

/**
 * The lanes of a mailbox, most urgent first. `control`: the actor's own life and its disk's answers; `protocol`: what
 * keeps the views turning; `bulk`: commands, blocks of others, whatever there is much of.
 */
export type Lane = 'control' | 'protocol' | 'bulk';

/** What a full lane does with one more message. `holdBack` keeps it with its sender, who waits: not for cycles. */
export type OverflowPolicy = 'refuse' | 'dropOldest' | 'holdBack';

export interface LaneOptions {
  /** Messages, 1 or more. */
  readonly capacity: number;
  readonly overflow: OverflowPolicy;
}

export interface MailboxOptions<Own extends Message> {
  readonly lanes: { readonly [Name in Lane]: LaneOptions };
  /** Must depend on nothing but the message. */
  readonly laneOf: (message: Own) => Lane;
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

export type MailboxCounters = { readonly [Name in Lane]: LaneCounters };

/** What became of an offered message; `full` is for the sender to hold it back. */
export type Offer = 'accepted' | 'refused' | 'full';

/**
 * A lane that has been passed over this often while it had messages comes next. So a waiting lane gets at least one
 * message in every PASSED_OVER_MAX + 2, whatever the more urgent lanes get, and they the rest.
 */
export const PASSED_OVER_MAX = 16;

class LaneState<Own extends Message, Tag> {
  readonly queue = new Ring<Own, Tag>();
  readonly name: Lane;
  readonly capacity: number;
  readonly overflow: OverflowPolicy;
  passedOver = 0;
  highWater = 0;
  accepted = 0;
  handled = 0;
  refused = 0;
  dropped = 0;
  heldBack = 0;
  waitedMs = 0;
  processedMs = 0;

  constructor(name: Lane, options: LaneOptions) {
    this.name = name;
    this.capacity = options.capacity;
    this.overflow = options.overflow;
  }

  counters(): LaneCounters {
    const { highWater, accepted, handled, refused, dropped, heldBack, waitedMs, processedMs } = this;
    const depth = this.queue.size;
    return { depth, highWater, accepted, handled, refused, dropped, heldBack, waitedMs, processedMs };
  }
}

/**
 * One actor's bounded queue of messages. Each lane keeps its order; between lanes the more urgent goes first, but none
 * starves ({@link PASSED_OVER_MAX}). What does not fit is counted, and told to whoever inspects, never silent.
 */
export class Mailbox<Own extends Message, Tag = null> {
  readonly #lanes: { readonly [Name in Lane]: LaneState<Own, Tag> };
  readonly #laneOf: (message: Own) => Lane;
  readonly #onDropped: (message: Own, lane: Lane, tag: Tag | null) => void;
  #size = 0;
  #takenTag: Tag | null = null;
  #takenLane: Lane = 'control';
  #takenWaitedMs = 0;

  /** @throws ConfigurationError for a capacity that is not a whole number above zero. */
  constructor(options: MailboxOptions<Own>, onDropped: (message: Own, lane: Lane, tag: Tag | null) => void) {
    this.#lanes = {
      control: laneState('control', options.lanes.control),
      protocol: laneState('protocol', options.lanes.protocol),
      bulk: laneState('bulk', options.lanes.bulk),
    };
    this.#laneOf = options.laneOf;
    this.#onDropped = onDropped;
  }

  /** Messages in all lanes. */
  get size(): number {
    return this.#size;
  }

  /** The tag, lane and waiting time of the message that {@link take} gave last. */
  get takenTag(): Tag | null {
    return this.#takenTag;
  }
  get takenLane(): Lane {
    return this.#takenLane;
  }
  get takenWaitedMs(): number {
    return this.#takenWaitedMs;
  }

  laneOf(message: Own): Lane {
    return this.#laneOf(message);
  }

  hasRoom(lane: Lane): boolean {
    const { queue, capacity } = this.#lanes[lane];
    return queue.size < capacity;
  }

  /** Puts a message into its lane, or does what that lane's policy says. `full` counts nothing: see {@link countHeldBack}. */
  offer(message: Own, now: number, tag: Tag | null): Offer {
    const lane = this.#lanes[this.#laneOf(message)];
    if (lane.queue.size >= lane.capacity) {
      if (lane.overflow === 'holdBack') return 'full';
      if (lane.overflow === 'refuse') {
        lane.refused += 1;
        return 'refused';
      }
      this.#dropOldest(lane);
    }
    lane.queue.push(message, now, tag);
    lane.accepted += 1;
    this.#size += 1;
    if (lane.queue.size > lane.highWater) lane.highWater = lane.queue.size;
    return 'accepted';
  }

  countRefused(lane: Lane): void {
    this.#lanes[lane].refused += 1;
  }

  countHeldBack(lane: Lane): void {
    this.#lanes[lane].heldBack += 1;
  }

  countHandled(lane: Lane, processedMs: number): void {
    const counted = this.#lanes[lane];
    counted.handled += 1;
    counted.processedMs += processedMs;
  }

  /** Takes the message that is next by urgency and fairness; undefined when there is none. */
  take(now: number): Own | undefined {
    if (this.#size === 0) return undefined;
    const lane = this.#next();
    this.#takenWaitedMs = now - lane.queue.headSince;
    this.#takenTag = lane.queue.headTag;
    this.#takenLane = lane.name;
    lane.waitedMs += this.#takenWaitedMs;
    this.#size -= 1;
    return lane.queue.shift();
  }

  counters(): MailboxCounters {
    const { control, protocol, bulk } = this.#lanes;
    return { control: control.counters(), protocol: protocol.counters(), bulk: bulk.counters() };
  }

  #next(): LaneState<Own, Tag> {
    const { control, protocol, bulk } = this.#lanes;
    const protocolWaits = protocol.queue.size > 0;
    const bulkWaits = bulk.queue.size > 0;
    let next = control.queue.size > 0 ? control : protocolWaits ? protocol : bulk;
    if (protocolWaits && protocol.passedOver >= PASSED_OVER_MAX) next = protocol;
    else if (bulkWaits && bulk.passedOver >= PASSED_OVER_MAX) next = bulk;
    if (protocolWaits && next === control) protocol.passedOver += 1;
    if (bulkWaits && next !== bulk) bulk.passedOver += 1;
    next.passedOver = 0;
    return next;
  }

  #dropOldest(lane: LaneState<Own, Tag>): void {
    const tag = lane.queue.headTag;
    const oldest = lane.queue.shift() as Own;
    lane.dropped += 1;
    this.#size -= 1;
    this.#onDropped(oldest, lane.name, tag);
  }
}

function laneState<Own extends Message, Tag>(name: Lane, options: LaneOptions): LaneState<Own, Tag> {
  const { capacity } = options;
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new ConfigurationError(
      'MAILBOX_CAPACITY',
      `the capacity of lane ${name} is ${capacity}; it must be a whole number from 1`,
      { lane: name, capacity },
    );
  }
  return new LaneState(name, options);
}
