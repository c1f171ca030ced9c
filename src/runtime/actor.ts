import type { Behaviour, Credit, Message, Port } from './behaviour.js';
import { CreditsOwed } from './credits.js';
import type { Mailbox } from './mailbox.js';
import { RecentMessages } from './supervision.js';
import type { ActorTimers, ArmedTimer } from './timers.js';

/** Any effect, as the host sees it: `send`, `startTimer`, `cancelTimer`, or one for the actor's port. */
export interface AnyEffect {
  readonly type: string;
}

/** Goes with a credited message: who gets the credit back. */
export interface CreditTicket {
  readonly kind: 'credit';
  readonly sender: Actor;
  readonly credit: Credit;
}

export type Ticket = CreditTicket | ArmedTimer;

/** The effects of an actor that waits for room elsewhere. */
export interface HeldBack {
  readonly target: Actor;
  readonly effects: readonly AnyEffect[];
  /** The index of the effect that found no room. */
  readonly next: number;
}

/** All that a host holds for one actor. */
export class Actor {
  readonly role: string;
  readonly behaviour: Behaviour<Message, AnyEffect>;
  readonly mailbox: Mailbox<Message, Ticket>;
  readonly timers: ActorTimers;
  readonly owed = new CreditsOwed();
  readonly recent = new RecentMessages();
  /** Actors that wait for room here, first come first. */
  readonly waiting: Actor[] = [];
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
  }) {
    this.role = parts.role;
    this.behaviour = parts.behaviour;
    this.mailbox = parts.mailbox;
    this.timers = parts.timers;
  }

  /** Whether a turn would do anything. */
  get runnable(): boolean {
    return this.heldBack === null && (this.mailbox.size > 0 || !this.owed.empty);
  }
}
