import { asHeight, asReplicaId } from '../../../src/protocol/numbers.js';
import type { FetchRequest } from '../../../src/wire/peer-messages.js';
import { at, certify, chainOf, GENESIS } from '../../support/chain.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { SyncStage } from '../../support/sync-stage.js';

const settings = { fetchBlocks: 8, fetchBytes: 10_000, servesAtOnce: 2, serveBytesPerSecond: 1000 };
const chain = chainOf(5, GENESIS, 100);

const rangeOf = (token: number, maxBlocks = 8): FetchRequest => ({
  kind: 'range',
  token,
  fromHeight: asHeight(1),
  maxBlocks,
});

function request(stage: SyncStage, from: number, wanted: FetchRequest): void {
  stage.tell({ type: 'fetchRequested', from: asReplicaId(from), request: wanted });
}

/** Storage answers its oldest read with the whole chain. */
function read(stage: SyncStage): void {
  const asked = stage.reads.shift();
  if (asked?.type !== 'readRange' && asked?.type !== 'readBranch') throw new Error('storage was not asked');
  const certificate = certify(at(chain, -1));
  stage.tell({ type: 'blocksRead', token: asked.token, blocks: chain, certificate, committedHeight: asHeight(5) });
}

test('a peer that fetches gets what storage reads, under its own token', (t) => {
  const stage = new SyncStage({ settings });
  request(stage, 3, rangeOf(77));
  t.like(stage.reads[0], {
    type: 'readRange',
    reader: 'sync',
    fromHeight: asHeight(1),
    maxBlocks: 8,
    maxBytes: 10_000,
  });
  read(stage);
  const answer = { token: 77, blocks: chain, certificate: certify(at(chain, -1)), committedHeight: asHeight(5) };
  t.deepEqual(stage.answered, [{ to: asReplicaId(3), answer }]);
});

test('a branch is read as a branch', (t) => {
  const stage = new SyncStage({ settings });
  const tip = at(chain, -1).hash;
  request(stage, 3, { kind: 'branch', token: 1, tip, aboveHeight: asHeight(2), maxBlocks: 4 });
  t.like(stage.reads[0], { type: 'readBranch', tip, aboveHeight: asHeight(2), maxBlocks: 4 });
});

test('a peer that asks for more than an answer holds gets one answer', (t) => {
  const stage = new SyncStage({ settings });
  request(stage, 3, rangeOf(1, 1_000_000));
  t.like(stage.reads[0], { maxBlocks: 8 });
});

test('a peer has one read at a time and one request waiting: the newest', (t) => {
  const stage = new SyncStage({ settings });
  for (let token = 1; token <= 100; token++) request(stage, 3, rangeOf(token));
  t.is(stage.reads.length, 1);
  read(stage);
  stage.advance(500);
  t.is(stage.reads.length, 1);
  read(stage);
  stage.advance(10_000);
  t.is(stage.reads.length, 0);
  t.deepEqual(
    stage.answered.map(({ answer }) => answer.token),
    [1, 100],
  );
});

test('a peer gets no more bytes in a second than its rate', (t) => {
  const stage = new SyncStage({ settings });
  request(stage, 3, rangeOf(1));
  read(stage);
  request(stage, 3, rangeOf(2));
  // 500 bytes at 1000 a second
  stage.advance(499);
  t.is(stage.reads.length, 0);
  stage.advance(1);
  t.is(stage.reads.length, 1);
});

test('one peer at its rate does not hold up another', (t) => {
  const stage = new SyncStage({ settings });
  request(stage, 3, rangeOf(1));
  read(stage);
  request(stage, 3, rangeOf(2));
  request(stage, 2, rangeOf(9));
  t.is(stage.reads.length, 1);
  read(stage);
  t.deepEqual(
    stage.answered.map(({ to }) => to),
    [3, 2].map(asReplicaId),
  );
});

test('a few reads go on at a time, and peers take turns', (t) => {
  const stage = new SyncStage({ replicas: 7, settings: { ...settings, serveBytesPerSecond: 1e9 } });
  for (const peer of [1, 2, 3, 4]) request(stage, peer, rangeOf(peer));
  t.is(stage.reads.length, 2);
  read(stage);
  request(stage, 1, rangeOf(11));
  read(stage);
  stage.advance(1);
  read(stage);
  read(stage);
  stage.advance(1);
  read(stage);
  t.deepEqual(
    stage.answered.map(({ to }) => to),
    [1, 2, 3, 4, 1].map(asReplicaId),
  );
});

test('a request of a peer that went away is forgotten', (t) => {
  const stage = new SyncStage({ settings });
  request(stage, 3, rangeOf(1));
  request(stage, 3, rangeOf(2));
  stage.tell({ type: 'peerDisconnected', peer: asReplicaId(3) });
  read(stage);
  stage.advance(10_000);
  t.is(stage.reads.length, 0);
});

test('a read that nobody asked for is dropped', (t) => {
  const stage = new SyncStage({ settings });
  stage.tell({ type: 'blocksRead', token: 5, blocks: chain, certificate: null, committedHeight: asHeight(5) });
  t.deepEqual(stage.answered, []);
});

test('a stopped sync serves nobody', (t) => {
  const stage = new SyncStage({ settings });
  request(stage, 3, rangeOf(1));
  stage.tell({ type: 'stopRequested' });
  read(stage);
  request(stage, 2, rangeOf(1));
  t.deepEqual(stage.answered, []);
  t.deepEqual(stage.reads, []);
});

test('after a read a peer rests four times as long as that took, however few its bytes, and a quarter second at most', (t) => {
  const stage = new SyncStage({ settings: { ...settings, serveBytesPerSecond: 1e9 } });
  request(stage, 3, rangeOf(1));
  stage.advance(20);
  read(stage);
  request(stage, 3, rangeOf(2));
  stage.advance(79);
  t.is(stage.reads.length, 0);
  stage.advance(1);
  t.is(stage.reads.length, 1);
  stage.advance(1000);
  read(stage);
  request(stage, 3, rangeOf(3));
  stage.advance(249);
  t.is(stage.reads.length, 0);
  stage.advance(1);
  t.is(stage.reads.length, 1);
});
