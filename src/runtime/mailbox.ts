import type { Message } from './behaviour.js';
import { type Lane, type LaneCounters, type LaneOptions, LaneState } from './lane.js';

/** The lanes of an actor's mailbox, and which message goes into which. */
export interface MailboxOptions<Own extends Message> {
  readonly lanes: { readonly [Name in Lane]: LaneOptions };
  /** Must depend on nothing but the message. */
  readonly laneOf: (message: Own) => Lane;
}

/** What happened in a mailbox so far, by lane. */
export type MailboxCounters = { readonly [Name in Lane]: LaneCounters };

/** What became of an offered message; `full` is for the sender to hold it back. */
export type Offer = 'accepted' | 'refused' | 'full';

/**
 * A lane that has been passed over this often while it had messages comes next. So a waiting lane gets at least one
 * message in every PASSED_OVER_MAX + 2, whatever the more urgent lanes get, and they the rest.
 */
export const PASSED_OVER_MAX = 16;

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
      control: new LaneState('control', options.lanes.control),
      protocol: new LaneState('protocol', options.lanes.protocol),
      bulk: new LaneState('bulk', options.lanes.bulk),
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
    return !this.#lanes[lane].full;
  }

  capacity(lane: Lane): number {
    return this.#lanes[lane].capacity;
  }

  /** Messages in one lane. */
  depth(lane: Lane): number {
    return this.#lanes[lane].queue.size;
  }

  /** Puts a message into its lane, or does what that lane's policy says. `full` counts nothing: see {@link countHeldBack}. */
  offer(message: Own, now: number, tag: Tag | null): Offer {
    const lane = this.#lanes[this.#laneOf(message)];
    if (lane.full) {
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

  /** Counts what happened to messages for this mailbox on another thread. */
  countElsewhere(lane: Lane, counted: { refused: number; dropped: number; heldBack: number }): void {
    const state = this.#lanes[lane];
    state.refused += counted.refused;
    state.dropped += counted.dropped;
    state.heldBack += counted.heldBack;
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
    return this.#size === 0 ? undefined : this.#takeFrom(this.#next(), now);
  }

  /** Takes the oldest message of one lane, whatever the others hold; undefined when there is none. */
  takeFrom(lane: Lane, now: number): Own | undefined {
    return this.depth(lane) === 0 ? undefined : this.#takeFrom(this.#lanes[lane], now);
  }

  counters(): MailboxCounters {
    const { control, protocol, bulk } = this.#lanes;
    return { control: control.counters(), protocol: protocol.counters(), bulk: bulk.counters() };
  }

  #takeFrom(lane: LaneState<Own, Tag>, now: number): Own | undefined {
    this.#takenWaitedMs = now - lane.queue.headSince;
    this.#takenTag = lane.queue.headTag;
    this.#takenLane = lane.name;
    lane.waitedMs += this.#takenWaitedMs;
    this.#size -= 1;
    return lane.queue.shift();
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
