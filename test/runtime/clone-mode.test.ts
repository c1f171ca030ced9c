import test from 'ava';
import { ActorSystem } from '../../src/runtime/actor-system.js';
import type { Behaviour, RuntimeEffect } from '../../src/runtime/behaviour.js';
import type { ActorFailure } from '../../src/runtime/supervision.js';
import { mailboxOf } from '../support/mailboxes.js';
import { VirtualTime } from '../support/virtual-time.js';

type Parcel = { readonly type: 'parcel'; readonly content: unknown };
type Post = { readonly sender: Parcel; readonly receiver: Parcel };
type Effect = RuntimeEffect<Post, Parcel>;

/** A sender that passes on `content`, whatever it was posted, and what the receiver got. */
function postOffice(cloneMessages: boolean, content: unknown) {
  const time = new VirtualTime();
  const received: unknown[] = [];
  const failures: ActorFailure[] = [];
  const sender: Behaviour<Parcel, Effect> = {
    receive: () => [{ type: 'send', to: 'receiver', message: { type: 'parcel', content } }],
  };
  const receiver: Behaviour<Parcel, Effect> = {
    receive: (parcel) => {
      received.push(parcel.content);
      return [];
    },
  };
  const system = new ActorSystem<Post>({
    ...time.host,
    roles: ['sender', 'receiver'],
    cloneMessages,
    onFailure: (failure) => failures.push(failure),
  });
  system.add('sender', { behaviour: sender, mailbox: mailboxOf(4) });
  system.add('receiver', { behaviour: receiver, mailbox: mailboxOf(4) });
  system.start();
  return { system, received, failures };
}

const go: Parcel = { type: 'parcel', content: null };

test('clone mode: the receiver gets an equal copy, not the same object', (t) => {
  const content = { bytes: new Uint8Array([1, 2, 3]) };
  const { system, received } = postOffice(true, content);
  system.post('sender', go);
  system.runUntilIdle();
  t.deepEqual(received, [content]);
  t.not(received[0], content);
});

test('without clone mode the receiver gets the same object', (t) => {
  const content = { call: () => undefined };
  const { system, received, failures } = postOffice(false, content);
  system.post('sender', go);
  system.runUntilIdle();
  t.is(received[0], content);
  t.deepEqual(failures, []);
});

test('clone mode: a function in a message stops the system and is charged to the sender', (t) => {
  const { system, received, failures } = postOffice(true, { call: () => undefined });
  system.post('sender', go);
  system.runUntilIdle();
  t.deepEqual(received, []);
  t.like(failures, [{ role: 'sender', messageType: 'parcel' }]);
  t.regex(String(failures[0]?.error), /parcel to receiver must be safe to clone/);
});

test('clone mode: what comes from outside must be safe to clone too', (t) => {
  const { system, failures } = postOffice(true, null);
  t.false(system.post('receiver', { type: 'parcel', content: () => undefined }));
  t.like(failures, [{ role: 'receiver', messageType: 'parcel' }]);
});

test('clone mode: a Buffer arrives as the Uint8Array that a thread would make of it', (t) => {
  const { system, received } = postOffice(true, Buffer.from([1]));
  system.post('sender', go);
  system.runUntilIdle();
  t.false(Buffer.isBuffer(received[0]));
  t.true(received[0] instanceof Uint8Array);
});
