/** Two actors on two threads: `near` sends rounds of messages, `far` answers the last one of each. */
import { systemClock } from '../src/adapters/system-clock.js';
import { systemTimers } from '../src/adapters/system-timers.js';
import { scheduleTurn } from '../src/adapters/turn-scheduler.js';
import {
  ActorSystem,
  type ActorSystemOptions,
  type MailboxOptions,
  type Message,
  type RuntimeEffect,
} from '../src/runtime/index.js';

/** A small message of consensus: a hundred bytes or so. */
export interface Vote {
  readonly type: 'vote';
  readonly block: string;
  readonly signature: Uint8Array;
  readonly last: boolean;
}

/** A large message: the body of a block. */
export interface Body {
  readonly type: 'body';
  /** In a map they are cloned as they are: the runtime looks for bytes in lists and plain objects. */
  readonly bytes: Uint8Array | ReadonlyMap<number, Uint8Array>;
}

/** What the actor of this thread takes: the answer of the other, and the next round. */
export type Near = { readonly type: 'answered' } | { readonly type: 'go'; readonly messages: readonly (Vote | Body)[] };

/** An actor on this thread and one on another. */
export type CrossingRoles = { readonly near: Near; readonly far: Vote | Body };

/** What either may ask for. */
export type CrossingEffect<Own extends Near | Vote | Body> = RuntimeEffect<CrossingRoles, Own>;

/** Of either role: room for the largest round. */
export const mailbox: MailboxOptions<Message> = {
  lanes: {
    control: { capacity: 1024, overflow: 'holdBack' },
    protocol: { capacity: 1024, overflow: 'holdBack' },
    bulk: { capacity: 1024, overflow: 'holdBack' },
  },
  laneOf: () => 'protocol',
};

/** Makes the system of one of the two threads, with the real clock and no actor in it. */
export function crossingSystem(onFailure: ActorSystemOptions<CrossingRoles>['onFailure']): ActorSystem<CrossingRoles> {
  return new ActorSystem<CrossingRoles>({
    clock: systemClock,
    timers: systemTimers,
    schedule: scheduleTurn,
    roles: ['near', 'far'],
    onFailure,
  });
}
