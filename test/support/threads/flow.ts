/** A source that floods a sink, each on a thread of its own, and what both of them count. */

import { systemHost } from '../../../src/adapters/system-host.js';
import { ActorSystem, type ActorSystemOptions } from '../../../src/runtime/actor-system.js';
import type { Behaviour, CreditReturned, RuntimeEffect } from '../../../src/runtime/behaviour.js';
import { LANES, type Lane, type OverflowPolicy } from '../../../src/runtime/lane.js';
import type { Link } from '../../../src/runtime/link.js';
import type { MailboxOptions } from '../../../src/runtime/mailbox.js';
import { mailboxOf } from '../mailboxes.js';

export interface Item {
  readonly type: 'item';
  readonly id: number;
  readonly lane: Lane;
}
export type FlowMessage =
  | { readonly type: 'flood'; readonly items: number; readonly afterMs: number }
  | Item
  | CreditReturned;

export type FlowRoles = { readonly source: FlowMessage; readonly sink: FlowMessage };
type Effect = RuntimeEffect<FlowRoles, FlowMessage>;

/** What the threads are given: how the sink's lanes are. */
export interface FlowData {
  readonly capacity: number;
  readonly overflow: OverflowPolicy;
}

export function mailboxesOf({ capacity, overflow }: FlowData): {
  [Role in keyof FlowRoles]: MailboxOptions<FlowMessage>;
} {
  return {
    source: mailboxOf<FlowMessage>(100),
    sink: mailboxOf<FlowMessage>(capacity, overflow, (message) => ('lane' in message ? message.lane : 'control')),
  };
}

/** Sends items to the three lanes in turn, each with credit for one unit, and sums up what comes back. */
export function createSource(): Behaviour<FlowMessage, Effect> {
  let returned = 0;
  return {
    receive: (message) => {
      if (message.type === 'creditReturned') {
        for (const { units } of message.accounts) returned += units;
        return [];
      }
      if (message.type !== 'flood') return [];
      const { items, afterMs } = message;
      if (afterMs > 0)
        return [{ type: 'startTimer', timer: 'flood', delayMs: afterMs, message: { ...message, afterMs: 0 } }];
      return Array.from({ length: items }, (_, id) => {
        const item: Item = { type: 'item', id, lane: LANES[id % LANES.length] as Lane };
        return { type: 'send', to: 'sink', message: item, credit: { account: 'all', units: 1 } };
      });
    },
    counters: () => ({ returned }),
  };
}

/** Counts what comes, and what comes after a later item of its lane. */
export function createSink(): Behaviour<FlowMessage, Effect> {
  const last: Record<Lane, number> = { control: -1, protocol: -1, bulk: -1 };
  let disorders = 0;
  return {
    receive: (message) => {
      if (message.type !== 'item') return [];
      if (message.id <= last[message.lane]) disorders += 1;
      last[message.lane] = message.id;
      return [];
    },
    counters: () => ({ disorders }),
  };
}

export function flowSystem(onFailure: ActorSystemOptions<FlowRoles>['onFailure']): ActorSystem<FlowRoles> {
  return new ActorSystem<FlowRoles>({ ...systemHost, roles: ['source', 'sink'], onFailure });
}

/** Connects to the threads of the two roles; the main thread holds none. */
export function connectAll(system: ActorSystem<FlowRoles>, links: Iterable<Link>, data: FlowData): void {
  const mailboxes = mailboxesOf(data);
  for (const link of links) {
    const role = link.thread as keyof FlowRoles | 'main';
    system.connect(link, role === 'main' ? {} : { [role]: mailboxes[role] });
  }
}
