import type { Behaviour, Credit, Message, Port } from './behaviour.js';
import { CreditsOwed } from './credits.js';
import type { Lane } from './lane.js';
import type { Mailbox } from './mailbox.js';
import type { ActorOffloads, AnswerTicket } from './offloads.js';
import { RecentMessages } from './supervision.js';
import type { ActorTimers, ArmedTimer } from './timers.js';

/** Any effect, as the host sees it: one of the runtime's, or one for the actor's port. */
export interface AnyEffect {
  readonly type: string;
}

/** Goes with a credited message: who gets the credit back. */
export interface CreditTicket {
  readonly kind: 'credit';
  readonly sender: Actor;
  readonly credit: Credit;
}

/** Goes with a message that waits to cross to another thread. */
export interface OutgoingTicket {
  readonly kind: 'outgoing';
  readonly sender: Actor;
  readonly credit: Credit | null;
}

/** Goes with a message that came from another thread: who is told when it has left the mailbox. */
export interface CrossedTicket {
  readonly kind: 'crossed';
  readonly from: string | null;
  readonly credit: Credit | null;
  readonly border: { gone(ticket: CrossedTicket): void };
}

/** Goes with a message from a port that wants to know when it has left the mailbox. */
export interface PostedTicket {
  readonly kind: 'posted';
  readonly taken: () => void;
}

/** What goes with a message through a mailbox, for whoever must hear what became of it. */
export type Ticket = CreditTicket | PostedTicket | OutgoingTicket | CrossedTicket | ArmedTimer | AnswerTicket;

/** What came from another thread and waits for room in a lane. */
export interface WaitingArrivals {
  readonly laneWanted: Lane;
  /** Called when the lane has room. */
  goOn(): void;
}

/** Who waits for room in a lane. */
export type Waiting = Actor | WaitingArrivals;

/** Where a message can be put: an actor of this thread, or what stands here for an actor of another one. */
export interface Target {
  readonly role: string;
  readonly mailbox: Mailbox<Message, Ticket>;
  readonly remote: boolean;
  /** Those who wait for room here, first come first. */
  readonly waiting: Waiting[];
  readonly heldBack: HeldBack | null;
}

/** The effects of an actor that waits for room elsewhere. */
export interface HeldBack {
  readonly target: Target;
  readonly effects: readonly AnyEffect[];
  /** The index of the effect that found no room. */
  readonly next: number;
  readonly laneWanted: Lane;
}

/** All that a host holds for one actor. */
export class Actor implements Target {
  readonly remote = false;
  readonly role: string;
  readonly behaviour: Behaviour<Message, AnyEffect>;
  readonly mailbox: Mailbox<Message, Ticket>;
  readonly timers: ActorTimers;
  readonly offloads: ActorOffloads;
  readonly owed = new CreditsOwed();
  readonly recent = new RecentMessages();
  readonly waiting: Waiting[] = [];
  port: Port<AnyEffect> | null = null;
  /** Whether the port was given an effect since it was last told that a turn has ended. */
  portUsed = false;
  heldBack: HeldBack | null = null;
  turns = 0;
  creditReturns = 0;

  constructor(parts: {
    role: string;
    behaviour: Behaviour<Message, AnyEffect>;
    mailbox: Mailbox<Message, Ticket>;
    timers: ActorTimers;
    offloads: ActorOffloads;
  }) {
    this.role = parts.role;
    this.behaviour = parts.behaviour;
    this.mailbox = parts.mailbox;
    this.timers = parts.timers;
    this.offloads = parts.offloads;
  }

  /** The lane that it waits for; asked only while it does. */
  get laneWanted(): Lane {
    return (this.heldBack as HeldBack).laneWanted;
  }

  /** Whether a turn would do anything. */
  get runnable(): boolean {
    return this.heldBack === null && (this.mailbox.size > 0 || !this.owed.empty);
  }
}
