import test from 'ava';
import { ActorSystem } from '../../src/runtime/actor-system.js';
import type { Behaviour, RuntimeEffect } from '../../src/runtime/behaviour.js';
import type { ActorFailure } from '../../src/runtime/supervision.js';
import { mailboxOf } from '../support/mailboxes.js';
import { VirtualTime } from '../support/virtual-time.js';

type Ping = { readonly type: 'ping'; readonly left: number };
type Pong = { readonly type: 'pong'; readonly left: number };
type PingPong = { readonly ping: Pong; readonly pong: Ping };

test('a message goes back and forth until nobody answers', (t) => {
  const time = new VirtualTime();
  const seen: number[] = [];
  const ping: Behaviour<Pong, RuntimeEffect<PingPong, Pong>> = {
    receive: ({ left }) => (left === 0 ? [] : [{ type: 'send', to: 'pong', message: { type: 'ping', left } }]),
  };
  const pong: Behaviour<Ping, RuntimeEffect<PingPong, Ping>> = {
    receive: ({ left }) => {
      seen.push(left);
      return [{ type: 'send', to: 'ping', message: { type: 'pong', left: left - 1 } }];
    },
  };
  const failures: ActorFailure[] = [];
  const system = new ActorSystem<PingPong>({
    ...time.host,
    roles: ['ping', 'pong'],
    onFailure: (failure) => failures.push(failure),
  });
  system.add('ping', { behaviour: ping, mailbox: mailboxOf(4) });
  system.add('pong', { behaviour: pong, mailbox: mailboxOf(4) });
  t.true(system.post('pong', { type: 'ping', left: 3 }));
  system.start();
  t.deepEqual(seen, []);
  time.runUntilIdle();
  t.deepEqual(seen, [3, 2, 1]);
  t.deepEqual(failures, []);
});
