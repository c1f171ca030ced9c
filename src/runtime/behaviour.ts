/**
 * Behaviours: what an actor is (DESIGN section 3). A behaviour is a synchronous function from one message to a list of
 * effects. It never awaits: whatever takes time is asked for by an effect and answers later with a message.
 */

/** Every message is a plain, structured-clone-safe object told apart by `type`. */
export interface Message {
  readonly type: string;
}

/** Which message type each role's mailbox takes. An address that is no key of it does not compile. */
export type Roles = { readonly [role: string]: Message };

/** What a behaviour is told about the moment of a message. Read it and do not keep it: the host uses it again. */
export interface Turn {
  /** Monotonic milliseconds; the same for all messages handled at one instant of the host's clock. */
  readonly now: number;
}

/**
 * A claim on a consumer's mailbox that the sender granted to one account (a peer, say). The host gives it back with one
 * {@link CreditReturned} a turn, when the consumer has handled the message: no consumer can forget to.
 */
export interface Credit {
  readonly account: string;
  readonly units: number;
}

/** Told to the sender of credited messages, once per turn of the consumer. */
export interface CreditReturned {
  readonly type: 'creditReturned';
  readonly from: string;
  readonly accounts: readonly { readonly account: string; readonly messages: number; readonly units: number }[];
}

/** Put a message into another role's mailbox (or one's own). */
export type Send<R extends Roles> = {
  [Role in keyof R & string]: {
    readonly type: 'send';
    readonly to: Role;
    readonly message: R[Role];
    readonly credit?: Credit;
  };
}[keyof R & string];

/** Post `message` to oneself after `delayMs`. Starting a timer that runs replaces it. */
export interface StartTimer<Own extends Message> {
  readonly type: 'startTimer';
  readonly timer: string;
  readonly delayMs: number;
  readonly message: Own;
}

/** Forget a timer; one that is not running is no error. A cancelled timer's message never arrives. */
export interface CancelTimer {
  readonly type: 'cancelTimer';
  readonly timer: string;
}

/** The effects that every actor may ask for. */
export type RuntimeEffect<R extends Roles, Own extends Message> = Send<R> | StartTimer<Own> | CancelTimer;

/** One actor. `receive` must not throw except for a bug (it stops the whole system), and must not await. */
export interface Behaviour<Own extends Message, Effect extends { readonly type: string }> {
  // A property, not a method: so a behaviour that takes only some of its role's messages does not compile.
  readonly receive: (message: Own, turn: Turn) => readonly Effect[];
  /** What the actor counts by itself, at this moment: plain data for metrics and tests. Changes nothing. */
  readonly counters?: () => object;
}

/** Performs an actor's own effects (disk, sockets, the state machine) and answers with messages to that actor. */
export interface Port<PortEffect> {
  readonly perform: (effect: PortEffect) => void;
  /** What the port counts by itself, as a behaviour does. */
  readonly counters?: () => object;
  /** Called when a turn is over in which something was performed: what the port gathers until then may leave. */
  readonly turnEnded?: () => void;
  /** Ends the port's work; resolves when nothing more will be delivered. */
  close(): Promise<void>;
}

/** Makes a port; `deliver` posts into the mailbox of the port's actor, false when the mailbox refused. */
export type PortFactory<PortEffect, Own extends Message> = (deliver: (message: Own) => boolean) => Port<PortEffect>;
