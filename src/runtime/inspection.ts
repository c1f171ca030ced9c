import type { Message } from './behaviour.js';
import type { Lane } from './lane.js';
import type { MailboxCounters } from './mailbox.js';
import type { ActorFailure } from './supervision.js';

/**
 * What happens in an actor system, for traces, pictures and tests. `at` is the host's clock, milliseconds.
 * Messages and effects are the living ones, or of another thread copies: whoever inspects only reads them, and does not
 * throw.
 */
export type InspectionEvent =
  | {
      readonly type: 'handled';
      readonly at: number;
      readonly role: string;
      readonly message: Message;
      /** Null for `creditReturned`, which waits outside the lanes. */
      readonly lane: Lane | null;
      readonly waitedMs: number;
      readonly effects: readonly { readonly type: string }[];
    }
  /** A full lane did not take the message; `from` is null where it came from outside the actors. */
  | {
      readonly type: 'refused';
      readonly at: number;
      readonly role: string;
      readonly from: string | null;
      readonly message: Message;
      readonly lane: Lane;
    }
  /** The oldest message of a full lane made way for a newer one. */
  | {
      readonly type: 'dropped';
      readonly at: number;
      readonly role: string;
      readonly message: Message;
      readonly lane: Lane;
    }
  /** `from` waits until the lane has room again. */
  | {
      readonly type: 'heldBack';
      readonly at: number;
      readonly role: string;
      readonly from: string;
      readonly message: Message;
      readonly lane: Lane;
    }
  /** So many events of another thread are missing here: they came faster than they were seen. */
  | { readonly type: 'missed'; readonly at: number; readonly events: number }
  | { readonly type: 'failed'; readonly at: number; readonly failure: ActorFailure }
  | { readonly type: 'stopped'; readonly at: number };

/** What one actor did so far. */
export interface ActorCounters {
  readonly lanes: MailboxCounters;
  readonly turns: number;
  readonly creditReturns: number;
  /** Timers that run, or have fired and are not handled yet. */
  readonly timers: number;
  /** Tasks that it has offloaded and whose answers are still to come. */
  readonly offloads: number;
  /** Whether it waits for room in another actor's lane now. */
  readonly heldBack: boolean;
  /** What its behaviour counts by itself; null for one that counts nothing. */
  readonly own: object | null;
  /** The same of its port. */
  readonly port: object | null;
}
