/** A system whose couriers pass letters on along their route, from thread to thread, to the desk of the main thread. */

import { systemClock } from '../../../src/adapters/system-clock.js';
import { systemTimers } from '../../../src/adapters/system-timers.js';
import { scheduleTurn } from '../../../src/adapters/turn-scheduler.js';
import type { Behaviour, RuntimeEffect } from '../../../src/runtime/behaviour.js';
import { ActorSystem, type ActorSystemOptions } from '../../../src/runtime/index.js';
import type { Link } from '../../../src/runtime/link.js';
import { mailboxOf } from '../mailboxes.js';

export type Courier = 'north' | 'south';

export type Letter =
  | {
      readonly type: 'letter';
      readonly route: readonly Courier[];
      readonly body: unknown;
      readonly seenAt: readonly number[];
    }
  | { readonly type: 'misdeed'; readonly deed: 'throw' | 'throw outside' | 'exit' };

export type CourierRoles = { readonly north: Letter; readonly south: Letter; readonly desk: Letter };
type Effect = RuntimeEffect<CourierRoles, Letter> | { readonly type: 'misbehave'; readonly deed: string };

export const mailboxes = { north: mailboxOf<Letter>(100), south: mailboxOf<Letter>(100), desk: mailboxOf<Letter>(100) };

/** One thread's share, linked to the others but not started. */
export function share(
  links: readonly Link[],
  options: Partial<ActorSystemOptions<CourierRoles>>,
): ActorSystem<CourierRoles> {
  const system = new ActorSystem<CourierRoles>({
    clock: systemClock,
    timers: systemTimers,
    schedule: scheduleTurn,
    onFailure: () => undefined,
    ...options,
    roles: ['south', 'desk', 'north'],
  });
  for (const link of links) {
    const role = link.thread === 'main' ? 'desk' : (link.thread as Courier);
    system.connect(link, { [role]: mailboxes[role] });
  }
  return system;
}

/** Passes letters on, the last time to the desk. */
export const courier: Behaviour<Letter, Effect> = {
  receive: (letter, { now }) => {
    if (letter.type === 'misdeed') {
      if (letter.deed === 'throw')
        throw Object.assign(new RangeError('no such street'), { code: 'LOST', facts: { street: 7 } });
      return [{ type: 'misbehave', deed: letter.deed }];
    }
    const [next, ...route] = letter.route;
    return [{ type: 'send', to: next ?? 'desk', message: { ...letter, route, seenAt: [...letter.seenAt, now] } }];
  },
};
