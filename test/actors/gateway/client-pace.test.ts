import ava from 'ava';
import { createClientPace } from '../../../actors/gateway/client-pace.js';
import { asHeight, asSequence } from '../../../src/protocol/numbers.js';
import { encodeFrame } from '../../../src/wire/frames.js';
import { GatewayStage, session } from '../../support/gateway-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const bounds = { windowMs: 50, work: 1000 };
const here = '10.0.0.1';

ava('a connection alone has the whole of a window, and of the next what it did not exceed', (t) => {
  const pace = createClientPace(bounds);
  const share = pace.join(here, 0);
  share.charge(999, 0);
  t.is(share.left(0), 1);
  share.charge(1001, 0);
  t.is(share.left(49), -1000);
  t.is(share.left(50), 0, 'the debt took a whole window');
  t.is(share.left(100), 1000);
  t.is(share.left(1000), 1000, 'what was not used is gone');
});

ava(
  'addresses that are active have equal parts, whatever connections they have, and connections equal parts of theirs',
  (t) => {
    const pace = createClientPace(bounds);
    const one = pace.join('10.0.0.2', 0);
    const many = Array.from({ length: 5 }, () => pace.join(here, 0));
    for (const share of [one, ...many]) share.charge(1000, 0);
    t.is(one.left(50), 500);
    t.is(many[0]?.left(50), 100);
    t.is(pace.join('10.0.0.3', 50).left(50), 500, 'one that was idle begins with as much as another');
  },
);

ava('who reconnects begins with the debts that it left, until time has paid them', (t) => {
  const pace = createClientPace(bounds);
  const first = pace.join(here, 0);
  first.charge(4000, 0);
  first.leave(0);
  const second = pace.join(here, 0);
  t.is(second.left(0), 1000 - 3000);
  second.leave(0);
  t.is(pace.join('10.0.0.2', 0).left(0), 1000, 'another address owes nothing');
  t.is(pace.join(here, 100).left(100), 1000);
});

ava('executed commands give back what was charged for them, once, and repeated ones share in that', (t) => {
  const pace = createClientPace(bounds);
  const share = pace.join(here, 0);
  share.charge(800, 0);
  share.submitted(4, 800);
  share.executed(1, 0);
  t.is(share.left(0), 400);
  share.executed(100, 0);
  share.executed(100, 0);
  t.is(share.left(0), 1000);
});

ava('however many of its commands are executed, a connection saves up no more than a window', (t) => {
  const share = createClientPace(bounds).join(here, 0);
  for (let round = 0; round < 10; round += 1) {
    share.submitted(1, 900);
    share.executed(1, 0);
  }
  t.is(share.left(0), 1000);
});

const clientPace = { windowMs: 50, work: 1000 };
const clientWork = { frame: 100, kibibyte: 0, tooLargeKibibyte: 100, command: 1, question: 300, block: 10 };
const paced = (changes = {}) => new GatewayStage({ clientPace, clientWork, ...changes });
const pausedIn = (stage: GatewayStage) => stage.all('pauseReading').map(({ connection }) => connection);
const executed = (sequence: number, again: boolean) =>
  ({
    type: 'commandsExecuted',
    again,
    height: asHeight(1),
    replies: [{ client: session(1), replies: [{ sequence: asSequence(sequence), reply: new Uint8Array(1) }] }],
  }) as const;

test('a client that sends without end is paused when its share is used up, and goes on with the next window', (t) => {
  const stage = paced();
  const flooding = stage.connect();
  for (let each = 0; each < 16; each += 1) stage.submit(flooding, session(1), 1);
  t.is(stage.submitted().length, 10, '101 each');
  t.deepEqual(pausedIn(stage), [flooding]);
  stage.advance(49);
  t.is(stage.submitted().length, 10);
  stage.advance(1);
  t.is(stage.submitted().length, 16);
  t.is(stage.all('resumeReading').length, 1);
  t.is(stage.gateway.counters().paused, 1);
  t.is(stage.gateway.counters().waiting, 0);
});

test('a command beyond its size costs more than its bytes, and one of full size does not', (t) => {
  const stage = paced({ commandBytes: 1024 });
  const [large, full] = [stage.connect('10.0.0.1'), stage.connect('10.0.0.2')];
  for (let each = 0; each < 4; each += 1) stage.submit(full, session(1), 1, 1, 1024);
  t.deepEqual(pausedIn(stage), []);
  for (let each = 0; each < 4; each += 1) stage.submit(large, session(2), 1, 1, 8 * 1024);
  t.deepEqual(pausedIn(stage), [large]);
  t.is(stage.answersOf(large, 'refused').length, 2, 'of 101 + 800 each');
});

test('while one client waits for its share, one that asks little is heard at once', (t) => {
  const stage = paced();
  const [flooding, other] = [stage.connect(), stage.connect()];
  for (let each = 0; each < 16; each += 1) stage.submit(flooding, session(1), 1);
  stage.submit(other, session(2), 1);
  t.is(stage.submitted().at(-1)?.batch.client, session(2));
  stage.request(other, { type: 'status', token: 1 });
  t.is(stage.sentTo('proposalGenerator').at(-1)?.message.type, 'stateHashWanted');
});

test('frames of a client that waits stay unopened, and are bounded', (t) => {
  const stage = paced({ clientHeldBytes: 1000 });
  const flooding = stage.connect();
  for (let each = 0; each < 10; each += 1) stage.frame(flooding, encodeFrame('keepalive'));
  const nonsense = encodeFrame('message', new Uint8Array(497));
  stage.frame(flooding, nonsense);
  stage.frame(flooding, nonsense);
  t.deepEqual(stage.closings(flooding), [], 'nobody has looked into them');
  stage.frame(flooding, nonsense);
  t.deepEqual(stage.closings(flooding), ['overrun']);
  stage.advance(1000);
  t.is(stage.gateway.counters().waiting, 0);
});

test('a client whose commands are executed is not held up by its share', (t) => {
  const stage = paced();
  const busy = stage.connect();
  for (let sequence = 1; sequence <= 60; sequence += 1) {
    stage.submit(busy, session(1), sequence);
    stage.tell(executed(sequence, false));
    stage.flush(busy);
  }
  t.is(stage.submitted().length, 60);
  t.deepEqual(pausedIn(stage), []);
});

test('replies to commands that had run before give nothing back, and are work themselves', (t) => {
  const stage = paced();
  const late = stage.connect();
  for (let each = 0; each < 100; each += 1) {
    stage.submit(late, session(1), 1);
    stage.tell(executed(1, true));
    stage.flush(late);
  }
  t.is(stage.submitted().length, 10, '102 each');
});

test('many connections of one address together make no more work than one', (t) => {
  const stage = paced();
  const connections = Array.from({ length: 20 }, () => stage.connect('10.0.0.9'));
  const flood = () => {
    for (const connection of connections)
      for (let each = 0; each < 2; each += 1) stage.submit(connection, session(1), 1);
  };
  flood();
  stage.advance(50);
  const before = stage.submitted().length;
  stage.advance(500);
  t.true(stage.submitted().length - before <= 10 * 11, `${stage.submitted().length - before} in ten windows`);
});

test('a page of the log is no longer than the share, and paid for before it is read', (t) => {
  const stage = paced();
  const reader = stage.connect();
  for (let token = 1; token <= 3; token += 1)
    stage.request(reader, { type: 'log', token, fromHeight: asHeight(1), maxBlocks: 1000 });
  t.like(stage.sentTo('storage')[0]?.message, { maxBlocks: 60 });
  t.is(stage.sentTo('storage').length, 1);
  stage.advance(100);
  t.is(stage.sentTo('storage').length, 3);
});
