import type { Actor, CrossedTicket, WaitingArrivals } from './actor.js';
import type { Credit, Message } from './behaviour.js';
import type { Lane } from './lane.js';
import { Ring } from './ring.js';

/** What an arrival lane tells the border that it stands at. */
export interface ArrivalEvents {
  readonly now: () => number;
  readonly onRefused: (actor: Actor, message: Message, lane: Lane, from: string | null) => void;
  readonly onCredit: (sender: string, consumer: string, credit: Credit) => void;
}

/**
 * Where messages from one other thread come into one lane of an actor. A message that finds the lane full and is to be
 * held back waits here, in order; the sender's window bounds how many. Every message that has left the lane, handled or
 * not, gives its place in the window back.
 */
export class ArrivalLane implements WaitingArrivals {
  readonly actor: Actor;
  readonly laneWanted: Lane;
  readonly #events: ArrivalEvents;
  readonly #waiting = new Ring<Message, CrossedTicket>();
  readonly #window: number;
  #left = 0;
  #told = 0;
  #wanted = false;

  constructor(actor: Actor, lane: Lane, events: ArrivalEvents) {
    this.actor = actor;
    this.laneWanted = lane;
    this.#events = events;
    this.#window = actor.mailbox.capacity(lane);
  }

  /** How many messages have left the lane so far. */
  get left(): number {
    return this.#left;
  }

  /**
   * Whether the sender should be told what left. It is told with whatever else goes there, but not by a batch of its own
   * before half of its window is used up, so that no news is answered by news alone.
   */
  get due(): boolean {
    return this.#left > this.#told && (this.#wanted || (this.#left - this.#told) * 2 >= this.#window);
  }

  arrive(message: Message, from: string | null, credit: Credit | null): void {
    const ticket: CrossedTicket = { kind: 'crossed', from, credit, border: this };
    if (this.#waiting.size > 0 || !this.#enter(message, ticket)) this.#wait(message, ticket);
  }

  goOn(): void {
    while (this.#waiting.size > 0) {
      const ticket = this.#waiting.headTag as CrossedTicket;
      if (!this.actor.mailbox.hasRoom(this.laneWanted)) {
        this.actor.waiting.push(this);
        return;
      }
      this.#enter(this.#waiting.shift() as Message, ticket);
    }
  }

  /** Called when a message has left the mailbox: handled, refused or dropped. */
  gone({ from, credit }: CrossedTicket): void {
    this.#left += 1;
    if (credit !== null && from !== null) this.#events.onCredit(from, this.actor.role, credit);
  }

  /** The sender waits for a place: whatever left is told at once. */
  wantPlaces(): void {
    this.#wanted = true;
  }

  /** The places that go back now. */
  takePlaces(): number {
    const places = this.#left - this.#told;
    this.#told = this.#left;
    this.#wanted = false;
    return places;
  }

  #enter(message: Message, ticket: CrossedTicket): boolean {
    const offer = this.actor.mailbox.offer(message, this.#events.now(), ticket);
    if (offer === 'refused') {
      this.#events.onRefused(this.actor, message, this.laneWanted, ticket.from);
      this.gone(ticket);
    }
    return offer !== 'full';
  }

  #wait(message: Message, ticket: CrossedTicket): void {
    if (this.#waiting.size === 0) this.actor.waiting.push(this);
    this.#waiting.push(message, this.#events.now(), ticket);
  }
}
