import type { HeldBack, OutgoingTicket, Target, Ticket, Waiting } from './actor.js';
import type { Credit, Message } from './behaviour.js';
import { LANES, type Lane } from './lane.js';
import type { Overflow, Parcel } from './link.js';
import { Mailbox, type MailboxCounters, type MailboxOptions } from './mailbox.js';
import type { OutgoingBytes } from './outgoing-bytes.js';

type PerLane = { [Name in Lane]: number };

/**
 * What stands on this thread for an actor of another: a mailbox like the actor's own, whose messages cross as long as the
 * lane there has places for this thread. So the sender meets the same lanes and policies as on one thread, and neither
 * the way nor the other thread ever holds more of this thread's messages than the lane's capacity; as many wait here.
 */
export class RemoteRole implements Target {
  readonly remote = true;
  readonly heldBack: HeldBack | null = null;
  readonly waiting: Waiting[] = [];
  readonly role: string;
  readonly mailbox: Mailbox<Message, Ticket>;
  readonly #places: PerLane;
  readonly #returned: PerLane = { control: 0, protocol: 0, bulk: 0 };
  /** The counters of this side when they were told last. */
  #told: MailboxCounters;

  constructor(
    role: string,
    options: MailboxOptions<Message>,
    onDropped: (message: Message, lane: Lane, ticket: Ticket | null) => void,
  ) {
    this.role = role;
    this.mailbox = new Mailbox<Message, Ticket>(options, onDropped);
    const { control, protocol, bulk } = options.lanes;
    this.#places = { control: control.capacity, protocol: protocol.capacity, bulk: bulk.capacity };
    this.#told = this.mailbox.counters();
  }

  /** Whether something waits that could cross now. */
  get sendable(): boolean {
    return LANES.some((lane) => this.#places[lane] > 0 && this.mailbox.depth(lane) > 0);
  }

  /** Whether a lane is half full of what could cross now: with as much again its policy would be asked. */
  get crowded(): boolean {
    const { mailbox } = this;
    return LANES.some((lane) => this.#places[lane] > 0 && mailbox.depth(lane) * 2 >= mailbox.capacity(lane));
  }

  /** Places of a lane that came back so far; its window is used up where {@link stuck}. */
  returned(lane: Lane): number {
    return this.#returned[lane];
  }

  /** Whether nothing more crosses into a lane before a place comes back. */
  stuck(lane: Lane): boolean {
    return this.#places[lane] === 0;
  }

  placesReturned(lane: Lane, count: number): void {
    this.#places[lane] += count;
    this.#returned[lane] += count;
  }

  /** Takes out what can cross now: of each lane its oldest messages, the most urgent lane first. */
  takeParcels(now: number, bytes: OutgoingBytes): Parcel[] {
    const parcels: Parcel[] = [];
    for (const lane of LANES) {
      const count = Math.min(this.#places[lane], this.mailbox.depth(lane));
      if (count > 0) parcels.push(this.#takeParcel(lane, count, now, bytes));
    }
    return parcels;
  }

  /** What the lanes' policies did here since this was asked last. */
  takeOverflows(): Overflow[] {
    const told = this.#told;
    const counters = this.mailbox.counters();
    this.#told = counters;
    return LANES.flatMap((lane) => {
      const refused = counters[lane].refused - told[lane].refused;
      const dropped = counters[lane].dropped - told[lane].dropped;
      const heldBack = counters[lane].heldBack - told[lane].heldBack;
      return refused + dropped + heldBack === 0 ? [] : [{ role: this.role, lane, refused, dropped, heldBack }];
    });
  }

  #takeParcel(lane: Lane, count: number, now: number, bytes: OutgoingBytes): Parcel {
    const messages: Message[] = [];
    const from: (string | null)[] = [];
    const credits: (Credit | null)[] = [];
    let credited = false;
    for (let left = count; left > 0; left -= 1) {
      messages.push(bytes.prepare(this.mailbox.takeFrom(lane, now) as Message));
      const ticket = this.mailbox.takenTag as OutgoingTicket | null;
      from.push(ticket?.sender.role ?? null);
      credits.push(ticket?.credit ?? null);
      credited ||= credits.at(-1) !== null;
    }
    this.#places[lane] -= count;
    return { to: this.role, lane, messages, from, credits: credited ? credits : null };
  }
}
