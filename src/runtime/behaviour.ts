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

/** The tasks of a pool, by name: what each is given, and what it answers once it is done. Plain data that can be cloned. */
export type Tasks = { readonly [task: string]: { readonly input: object; readonly output: object } };

/** Of a system without a pool. */
export type NoTasks = Readonly<Record<never, never>>;

/**
 * What became of a task. Where `ok` is false it was not done, and `code` says why: not that its input was wrong, but that
 * whoever was to do it is no more. What was transferred with it is lost then.
 */
export type TaskResult<Output extends object> =
  | ({ readonly ok: true } & Output)
  | { readonly ok: false; readonly code: string };

/**
 * Have a task done beside the actors' threads. Its answer comes as {@link OffloadAnswered} with the same `id`, once and never
 * at once; nothing says in which order. `transfer` lists the buffers of the input that the sender gives up.
 */
export type Offload<T extends Tasks> = {
  [Task in keyof T & string]: {
    readonly type: 'offload';
    readonly task: Task;
    readonly id: number;
    readonly input: T[Task]['input'];
    readonly transfer?: readonly ArrayBuffer[];
  };
}[keyof T & string];

/** The answer to an {@link Offload}. An actor takes those of the tasks that it asks for. */
export type OffloadAnswered<T extends Tasks> = {
  [Task in keyof T & string]: {
    readonly type: 'offloadAnswered';
    readonly task: Task;
    readonly id: number;
    readonly result: TaskResult<T[Task]['output']>;
  };
}[keyof T & string];

/** The tasks whose answers `Own` takes. */
type OffloadFor<T extends Tasks, Own extends Message> = {
  [Task in keyof T & string]: OffloadAnswered<Pick<T, Task>> extends Own ? Offload<Pick<T, Task>> : never;
}[keyof T & string];

/** The effects that every actor may ask for; `T` are the tasks of its system's pool. */
export type RuntimeEffect<R extends Roles, Own extends Message, T extends Tasks = NoTasks> =
  | Send<R>
  | StartTimer<Own>
  | CancelTimer
  | OffloadFor<T, Own>;

/** One actor. `receive` must not throw except for a bug (it stops the whole system), and must not await. */
export interface Behaviour<Own extends Message, Effect extends { readonly type: string }> {
  // A property, not a method: so a behaviour that takes only some of its role's messages does not compile.
  /** Answers a message with the effects that it has, at once. */
  readonly receive: (message: Own, turn: Turn) => readonly Effect[];
  /** What the actor counts by itself, at this moment: plain data for metrics and tests. Changes nothing. */
  readonly counters?: () => object;
}

/** Performs an actor's own effects (disk, sockets, the state machine) and answers with messages to that actor. */
export interface Port<PortEffect> {
  /** Begins what the effect asks for, and returns; the answer comes by `deliver`. */
  readonly perform: (effect: PortEffect) => void;
  /** What the port counts by itself, as a behaviour does. */
  readonly counters?: () => object;
  /** Called when a turn is over in which something was performed: what the port gathers until then may leave. */
  readonly turnEnded?: () => void;
  /** Ends the port's work; resolves when nothing more will be delivered. */
  close(): Promise<void>;
}

/**
 * Posts into the mailbox of a port's own actor; false when the mailbox refused. `taken` is called when a message that was
 * not refused has left the mailbox again, before it is handled: a port that counts them bounds what it has waiting there.
 */
export type Deliver<Own extends Message> = (message: Own, taken?: () => void) => boolean;

/** Makes a port, which may deliver from the call on. */
export type PortFactory<PortEffect, Own extends Message> = (deliver: Deliver<Own>) => Port<PortEffect>;
