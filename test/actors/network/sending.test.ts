import { limits } from '../../../src/config/limits.js';
import { asClientId, asHeight, asReplicaId, asSequence } from '../../../src/protocol/numbers.js';
import { decodeFrame } from '../../../src/wire/frames.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { childOf, GENESIS } from '../../support/chain.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { firstFrameOf, NetworkStage, transmittedOn, voteOf } from '../../support/network-stage.js';

function proposalOf(bodyBytes: number): PeerMessage {
  const block = childOf(GENESIS, { body: new Uint8Array(bodyBytes) });
  return { type: 'proposal', proposal: { block, signature: new Uint8Array(64), tc: null } };
}
const fetchAnswer = (token: number): PeerMessage => ({
  type: 'fetchAnswer',
  answer: { token, blocks: [], certificate: null, committedHeight: asHeight(0) },
});
const sendTo = (to: number, message: PeerMessage) => ({ type: 'sendTo', to: asReplicaId(to), message }) as const;

/** The kinds of the frames, and the type byte of those that are whole messages. */
function shapes(frames: readonly Uint8Array[]): readonly string[] {
  return frames.map((frame) => {
    const decoded = decodeFrame(frame);
    if (!decoded.ok) return decoded.reason;
    return decoded.kind === 'message' ? `message ${decoded.payload[0]}` : decoded.kind;
  });
}
const VOTE = 'message 2';

test('a broadcast goes to every peer that is ready, once, in the same bytes', (t) => {
  const stage = new NetworkStage().open();
  const [zero, two] = [stage.connect(0), stage.connect(2)];
  const effects = stage.tell({ type: 'broadcast', message: voteOf(1) });
  t.deepEqual(transmittedOn(effects, zero), [firstFrameOf(voteOf(1))]);
  t.deepEqual(transmittedOn(effects, two), [firstFrameOf(voteOf(1))]);
  t.is(effects.length, 2);
  t.is(stage.countersOf(3)?.undelivered, 1, 'replica 3 is not connected');
});

test('a message to oneself is a bug of ours', (t) => {
  const stage = new NetworkStage().open();
  t.throws(() => stage.tell(sendTo(1, voteOf(1))), { name: 'InvariantViolation' });
});

test('no more than the window is with the socket, and what has left makes room', (t) => {
  const stage = new NetworkStage({ limits: { sendWindowBytes: 1000 } }).open();
  const connection = stage.connect(0);
  stage.flush(connection);
  for (let view = 1; view <= 50; view += 1) stage.tell(sendTo(0, voteOf(view)));
  const window = Math.ceil(1000 / firstFrameOf(voteOf(1)).byteLength);
  const sent = (): number => transmittedOn(stage.effects, connection).length - 1;
  t.is(sent(), window);
  stage.flush(connection);
  t.is(sent(), 2 * window);
  for (let round = 0; round < 50; round += 1) stage.flush(connection);
  t.is(sent(), 50, 'all go in the end');
});

test('a vote goes before the rest of a body that was begun, a proposal before an answer that waits', (t) => {
  const stage = new NetworkStage({ limits: { sendWindowBytes: 1 } }).open();
  const connection = stage.connect(0);
  stage.flush(connection);
  stage.tell(
    sendTo(0, fetchAnswer(1)),
    sendTo(0, fetchAnswer(2)),
    sendTo(0, proposalOf(200_000)),
    sendTo(0, voteOf(1)),
  );
  for (let round = 0; round < 20; round += 1) {
    if (round === 3) stage.tell(sendTo(0, voteOf(2)));
    stage.flush(connection);
  }
  t.deepEqual(shapes(transmittedOn(stage.effects, connection)), [
    'helloAnswer',
    'message 7',
    VOTE,
    'fragment',
    'fragment',
    VOTE,
    'fragment',
    'fragment',
    'message 7',
  ]);
});

test('a lane that is full drops its oldest message, counts it, and leaves other classes alone', (t) => {
  const lane = { messages: 3, bytes: 1_000_000 };
  const peerSendLanes = { votes: lane, proposals: lane, sync: lane, commands: lane };
  const stage = new NetworkStage({ limits: { sendWindowBytes: 1, peerSendLanes } }).open();
  const connection = stage.connect(0);
  stage.tell(sendTo(0, fetchAnswer(1)));
  for (let view = 1; view <= 10; view += 1) stage.tell(sendTo(0, voteOf(view)));
  t.is(stage.countersOf(0)?.dropped.votes, 7);
  t.is(stage.countersOf(0)?.dropped.sync, 0);
  for (let round = 0; round < 20; round += 1) stage.flush(connection);
  const views = transmittedOn(stage.effects, connection).filter((frame) => shapes([frame])[0] === VOTE);
  t.deepEqual(
    views,
    [8, 9, 10].map((view) => firstFrameOf(voteOf(view))),
  );
});

test('bytes bound a lane too, and the newest message always stays', (t) => {
  const lane = { messages: 100, bytes: 500 };
  const peerSendLanes = { votes: lane, proposals: lane, sync: lane, commands: lane };
  const stage = new NetworkStage({ limits: { sendWindowBytes: 1, peerSendLanes } }).open();
  stage.connect(0);
  stage.tell(sendTo(0, proposalOf(5000)), sendTo(0, proposalOf(5001)));
  t.is(stage.countersOf(0)?.dropped.proposals, 1);
  t.is(stage.countersOf(0)?.queuedMessages, 1);
});

test('what waited for a connection is dropped with it, so that a dead peer holds no memory', (t) => {
  const stage = new NetworkStage({ limits: { sendWindowBytes: 1 } }).open();
  const connection = stage.connect(0);
  for (let each = 0; each < 10; each += 1) stage.tell(sendTo(0, proposalOf(5000)));
  stage.tell({ type: 'connectionClosed', connection, reason: 'connectionLost' });
  t.is(stage.countersOf(0)?.queuedBytes, 0);
  t.is(stage.countersOf(0)?.undelivered, 10);
});

test('long messages are begun only as far as the other side can put them together', (t) => {
  const stage = new NetworkStage({ limits: { reassemblyBytes: 300_000 } }).open();
  const connection = stage.connect(0);
  stage.flush(connection);
  const commands: PeerMessage = {
    type: 'commands',
    batches: [
      { client: asClientId('ab'.repeat(16)), commands: [{ sequence: asSequence(1), bytes: new Uint8Array(200_000) }] },
    ],
  };
  stage.tell(sendTo(0, commands), sendTo(0, proposalOf(200_000)));
  const begun = new Set<number>();
  let most = 0;
  const open = new Map<number, number>();
  for (let round = 0; round < 20; round += 1) stage.flush(connection);
  for (const frame of transmittedOn(stage.effects, connection)) {
    const decoded = decodeFrame(frame);
    if (!decoded.ok || decoded.kind !== 'fragment') continue;
    const view = new DataView(decoded.payload.buffer, decoded.payload.byteOffset);
    const left = (open.get(view.getUint32(0)) ?? view.getUint32(8)) - (decoded.payload.byteLength - 12);
    begun.add(view.getUint32(0));
    open.set(view.getUint32(0), left);
    if (left === 0) open.delete(view.getUint32(0));
    most = Math.max(most, open.size);
  }
  t.is(begun.size, 2);
  t.is(most, 1);
});

test('signs of life go to quiet peers only', (t) => {
  const stage = new NetworkStage().open();
  const [quiet, busy] = [stage.connect(0), stage.connect(2)];
  stage.flush(quiet);
  stage.flush(busy);
  stage.tell(sendTo(2, voteOf(1)));
  const effects = stage.advance(limits.keepaliveMs);
  t.deepEqual(shapes(transmittedOn(effects, quiet)), ['keepalive']);
  t.deepEqual(shapes(transmittedOn(effects, busy)), []);
});

test('a stop flushes what is queued, closes, and says so once all are closed', (t) => {
  const stage = new NetworkStage({ limits: { sendWindowBytes: 1 } }).open();
  const connection = stage.connect(0);
  const stranger = stage.opens('accepted', null);
  for (let view = 1; view <= 3; view += 1) stage.tell(sendTo(0, voteOf(view)));
  stage.tell({ type: 'stopRequested' }, { type: 'stopRequested' });
  t.is(stage.all('closeListener').length, 1);
  t.deepEqual(stage.closings(stranger), ['stopping']);
  t.deepEqual(stage.closings(connection), []);
  for (let round = 0; round < 5; round += 1) stage.flush(connection);
  t.is(transmittedOn(stage.effects, connection).length, 4);
  t.deepEqual(stage.closings(connection), ['stopping']);
  t.deepEqual(stage.sentTo('replica'), []);
  stage.tell({ type: 'connectionClosed', connection: stranger, reason: 'stopping' });
  stage.tell({ type: 'connectionClosed', connection, reason: 'stopping' });
  t.deepEqual(
    stage.sentTo('replica').map(({ message }) => message),
    [{ type: 'partStopped', role: 'network' }] as never,
  );
});

test('a peer that does not read holds up a stop no longer than the flush time', (t) => {
  const stage = new NetworkStage().open();
  const connection = stage.connect(0);
  stage.tell(sendTo(0, voteOf(1)), { type: 'stopRequested' });
  stage.advance(1999);
  t.deepEqual(stage.closings(connection), []);
  stage.advance(1);
  t.deepEqual(stage.closings(connection), ['stopping']);
});

test('a stop without connections is done at once', (t) => {
  const stage = new NetworkStage().open();
  stage.tell({ type: 'stopRequested' });
  t.is(stage.sentTo('replica').length, 1);
});
