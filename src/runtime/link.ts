import type { Credit, CreditReturned, Message } from './behaviour.js';
import type { ErrorData } from './crossing-error.js';
import type { ActorCounters, InspectionEvent } from './inspection.js';
import type { Lane } from './lane.js';

/**
 * One end of a way to another thread. Messages arrive whole, once and in order, as structured clones, never inside the
 * call of `post`; what waits arrives once `receive` was called.
 */
export interface Link {
  /** Names the thread at the other end, for people. */
  readonly thread: string;
  /** Sends a message; `transfer` lists what the sender gives up. Throws for what cannot be cloned, and sends nothing then. */
  post(message: LinkMessage, transfer: readonly ArrayBuffer[]): void;
  /** Called once. `onLost` tells that the other thread has died, with the reason; nothing arrives after it. */
  receive(onMessage: (message: LinkMessage) => void, onLost: (reason: unknown) => void): void;
  /** Ends the way, and the thread at its other end where this side has started it. Resolves when that is over. */
  close(): Promise<void>;
}

/** What two threads of one actor system say to each other. */
export type LinkMessage =
  | Batch
  /** Inspection events are wanted from now on. */
  | { readonly type: 'watch' }
  | { readonly type: 'failed'; readonly failure: FailureData }
  | { readonly type: 'halt' }
  | { readonly type: 'halted' }
  | { readonly type: 'closePort'; readonly role: string }
  | { readonly type: 'portClosed'; readonly role: string; readonly error: ErrorData | null }
  | { readonly type: 'countersWanted' }
  | { readonly type: 'counters'; readonly counters: Readonly<Record<string, ActorCounters>> };

/** All that one drain of a thread has for another. Of each list most batches hold nothing. */
export interface Batch {
  readonly type: 'batch';
  readonly parcels: readonly Parcel[];
  readonly places: readonly ReturnedPlaces[];
  readonly credits: readonly OwedCredit[];
  readonly overflows: readonly Overflow[];
  readonly probes: readonly Probe[];
  /** What happened on the posting thread, for whoever inspects. */
  readonly shown: readonly InspectionEvent[];
  /** How many events of the receiving thread were shown since the batch before. */
  readonly seen: number;
}

/** Messages to one lane of one role, in their order; as columns, since names cost more to clone than numbers. */
export interface Parcel {
  readonly to: string;
  readonly lane: Lane;
  readonly messages: readonly Message[];
  /** The sender of each; null for what came from outside the actors. */
  readonly from: readonly (string | null)[];
  /** The credit of each; null when none has any. */
  readonly credits: readonly (Credit | null)[] | null;
}

/** So many messages of the receiving thread have left a lane of the posting one: its window is as much wider. */
export interface ReturnedPlaces {
  readonly role: string;
  readonly lane: Lane;
  readonly count: number;
}

/** Credit that goes back to `to`, the role that sent the credited messages. */
export interface OwedCredit {
  readonly to: string;
  readonly returned: CreditReturned;
}

/** What a lane's policy did on the posting thread, since the lane's window was used up. Its own thread counts it. */
export interface Overflow {
  readonly role: string;
  readonly lane: Lane;
  readonly refused: number;
  readonly dropped: number;
  readonly heldBack: number;
}

/** Asks whether actors wait for each other in a ring; see `DeadlockProbes`. */
export interface Probe {
  /** The role that is held back, and asks. */
  readonly origin: string;
  /** Somebody that `origin` waits for, if only through others, waits for this lane. */
  readonly to: string;
  readonly lane: Lane;
  /** Places of that lane that had come back to the posting thread by then. */
  readonly returned: number;
  readonly hops: number;
}

/** An {@link ActorFailure} as it crosses. */
export interface FailureData {
  readonly role: string;
  readonly error: ErrorData;
  readonly messageType: string;
  readonly lastMessages: readonly string[];
}
