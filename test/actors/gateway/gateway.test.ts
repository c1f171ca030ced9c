import { asHeight, asReplicaId, asSequence, asView } from '../../../src/protocol/numbers.js';
import { encodeBody } from '../../../src/wire/command-batch.js';
import { encodeFrame } from '../../../src/wire/frames.js';
import { childOf, GENESIS } from '../../support/chain.js';
import { GatewayStage, session } from '../../support/gateway-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const replyTo = (sequence: number, bytes = 2) => ({ sequence: asSequence(sequence), reply: new Uint8Array(bytes) });
const executed = (height: number, ...clients: readonly number[]) =>
  ({
    type: 'commandsExecuted',
    again: false,
    height: asHeight(height),
    replies: clients.map((index) => ({ client: session(index), replies: [replyTo(1), replyTo(2)] })),
  }) as const;
const returned = (connection: number, messages: number, units: number) =>
  ({
    type: 'creditReturned',
    from: 'proposalGenerator',
    accounts: [{ account: String(connection), messages, units }],
  }) as const;

test('a client that says hello is answered in kind and told who leads', (t) => {
  const stage = new GatewayStage();
  stage.tell({ type: 'viewEntered', view: asView(7), leader: asReplicaId(3) });
  const connection = stage.connect();
  t.deepEqual(stage.helloAnswer(connection)?.accepted, true);
  t.deepEqual(stage.answers(connection), [{ type: 'leader', view: asView(7), leader: asReplicaId(3) }]);
});

for (const [title, refusal, changes] of [
  ['another cluster', 'wrongCluster', { clusterId: 'ff'.repeat(32) }],
  ['another epoch', 'wrongEpoch', { epoch: 1 }],
  ['another wire version', 'wrongVersion', { wireVersion: 2 }],
  ['a replica', 'wrongRole', { role: 'replica', replica: asReplicaId(0) }],
] as const) {
  test(`a hello of ${title} is refused as ${refusal}, counted and closed`, (t) => {
    const stage = new GatewayStage();
    const connection = stage.opens();
    stage.frame(connection, stage.hello(changes));
    t.deepEqual(stage.helloAnswer(connection), { accepted: false, reason: refusal });
    t.deepEqual(stage.closings(connection), [refusal]);
    t.is(stage.gateway.counters().refusals[refusal], 1);
  });
}

test('a client that says no hello is closed after the greeting time, one that says another thing at once', (t) => {
  const stage = new GatewayStage();
  const [silent, hasty] = [stage.opens(), stage.opens()];
  stage.frame(hasty, encodeFrame('keepalive'));
  t.deepEqual(stage.closings(hasty), ['helloExpected']);
  stage.advance(4999);
  t.deepEqual(stage.closings(silent), []);
  stage.advance(1);
  t.deepEqual(stage.closings(silent), ['greetingTimeout']);
  t.is(stage.gateway.counters().connections, 0);
});

test('commands go to the pool with their bytes charged to the connection, and the address that it came from', (t) => {
  const stage = new GatewayStage();
  const connection = stage.connect('10.0.0.7');
  stage.submit(connection, session(1), 5, 3);
  const [submitted] = stage.submitted();
  t.is(submitted?.batch.client, session(1));
  t.deepEqual(
    submitted?.batch.commands.map(({ sequence }) => sequence as number),
    [5, 6, 7],
  );
  t.is(submitted?.address, '10.0.0.7');
  t.is(submitted?.credit?.account, String(connection));
  t.true((submitted?.credit?.units ?? 0) > 30);
});

test('replies go to every connection of their session, one frame for a block and session, and to no other', (t) => {
  const stage = new GatewayStage();
  const [first, second, other] = [stage.connect(), stage.connect(), stage.connect()];
  stage.submit(first, session(1), 1, 2);
  stage.request(second, { type: 'attach', clients: [session(1), session(2)] });
  stage.request(other, { type: 'attach', clients: [session(3)] });
  stage.tell(executed(9, 1, 2));
  t.deepEqual(stage.answersOf(first, 'replies'), [
    { type: 'replies', client: session(1), height: asHeight(9), replies: [replyTo(1), replyTo(2)] },
  ]);
  t.deepEqual(
    stage.answersOf(second, 'replies').map(({ client }) => client),
    [session(1), session(2)],
  );
  t.deepEqual(stage.answersOf(other, 'replies'), []);
  stage.tell(executed(10, 4));
  t.is(stage.gateway.counters().unclaimedReplies, 2);
});

test('a refusal of the pool reaches the client with its reason', (t) => {
  const stage = new GatewayStage();
  const connection = stage.connect();
  stage.submit(connection, session(1), 1);
  const sequences = [asSequence(1)];
  stage.tell({ type: 'commandsRefused', client: session(1), sequences, reason: 'poolFull' });
  t.deepEqual(stage.answersOf(connection, 'refused'), [
    { type: 'refused', client: session(1), reason: 'poolFull', sequences },
  ]);
});

test('a command beyond its size is refused alone; the others of its batch go on', (t) => {
  const stage = new GatewayStage({ commandBytes: 100 });
  const connection = stage.connect();
  const commands = [100, 101, 5].map((bytes, index) => ({
    sequence: asSequence(index + 1),
    bytes: new Uint8Array(bytes),
  }));
  stage.request(connection, { type: 'submit', client: session(1), commands });
  t.deepEqual(stage.answersOf(connection, 'refused'), [
    { type: 'refused', client: session(1), reason: 'tooLarge', sequences: [asSequence(2)] },
  ]);
  t.deepEqual(
    stage.submitted()[0]?.batch.commands.map(({ sequence }) => sequence as number),
    [1, 3],
  );
});

test('many small commands are charged what they take in memory, which is more than their encoding', (t) => {
  const stage = new GatewayStage({ clientCredit: { messages: 100, bytes: 30_000 }, commandOverheadBytes: 200 });
  const [small, large] = [stage.connect(), stage.connect()];
  for (let lot = 0; lot < 5; lot += 1) {
    stage.submit(small, session(1), 1 + 100 * lot, 100, 1);
    stage.submit(large, session(2), 1 + lot, 1, 2100);
  }
  const submits = (client: string) => stage.submitted().filter(({ batch }) => batch.client === client);
  t.deepEqual([submits(session(1)).length, submits(session(2)).length], [1, 5]);
  t.true((submits(session(1))[0]?.credit?.units ?? 0) > 100 * 200);
});

test('a connection without credit is paused, alone and in order, until credit returns', (t) => {
  const stage = new GatewayStage({ clientCredit: { messages: 2, bytes: 10_000 } });
  const [flooding, other] = [stage.connect(), stage.connect()];
  for (let sequence = 1; sequence <= 20; sequence += 1) stage.submit(flooding, session(1), sequence);
  t.is(stage.submitted().length, 2);
  t.deepEqual(
    stage.all('pauseReading').map(({ connection }) => connection),
    [flooding],
  );
  stage.submit(other, session(2), 1);
  t.is(stage.submitted().length, 3);
  const units = stage.submitted()[0]?.credit?.units ?? 0;
  stage.tell(returned(flooding, 2, 2 * units));
  t.is(stage.submitted().length, 5);
  t.deepEqual(stage.all('resumeReading'), []);
  for (let round = 0; round < 10; round += 1) stage.tell(returned(flooding, 2, 2 * units));
  t.deepEqual(
    stage
      .submitted()
      .filter(({ batch }) => batch.client === session(1))
      .map(({ batch }) => batch.commands[0]?.sequence as number),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  t.deepEqual(
    stage.all('resumeReading').map(({ connection }) => connection),
    [flooding],
  );
});

test('many connections together have no more credit than the gateway, and the longest waiting goes first', (t) => {
  const stage = new GatewayStage({ gatewayCredit: { messages: 3, bytes: 1_000_000 } });
  const connections = Array.from({ length: 6 }, () => stage.connect());
  for (const [index, connection] of connections.entries()) stage.submit(connection, session(index), 1);
  t.is(stage.submitted().length, 3);
  const [first] = connections;
  stage.tell(returned(first ?? 0, 1, stage.submitted()[0]?.credit?.units ?? 0));
  t.is(stage.submitted().at(-1)?.batch.client, session(3));
  t.is(stage.gateway.counters().waiting, 2);
});

test('credit of a connection that is gone still frees the gateway', (t) => {
  const stage = new GatewayStage({ gatewayCredit: { messages: 1, bytes: 1_000_000 } });
  const [gone, waiting] = [stage.connect(), stage.connect()];
  stage.submit(gone, session(1), 1);
  stage.submit(waiting, session(2), 1);
  stage.tell({ type: 'connectionClosed', connection: gone, reason: 'connectionLost' });
  stage.tell(returned(gone, 1, stage.submitted()[0]?.credit?.units ?? 0));
  t.is(stage.submitted().at(-1)?.batch.client, session(2));
});

test('a client that does not read is closed when too much waits for it; others get their replies', (t) => {
  const stage = new GatewayStage({ clientSendBytes: 10_000, sendWindowBytes: 1000 });
  const [slow, quick] = [stage.connect(), stage.connect()];
  for (const connection of [slow, quick]) stage.request(connection, { type: 'attach', clients: [session(1)] });
  for (let height = 1; height <= 100; height += 1) {
    stage.tell(executed(height, 1));
    stage.flush(quick);
  }
  t.deepEqual(stage.closings(slow), ['tooSlow']);
  t.is(stage.answersOf(quick, 'replies').length, 100);
  t.true(stage.answersOf(slow, 'replies').length < 20, 'the socket got no more than its window');
  t.is(stage.gateway.counters().connections, 1);
});

test('what waits for all clients together is bounded: the address for which most waits loses a connection', (t) => {
  const stage = new GatewayStage({ gatewaySendBytes: 40_000, sendWindowBytes: 1000 });
  const many = ['10.0.0.1', '10.0.0.1', '10.0.0.1'].map((address) => stage.connect(address));
  const [alone, quick] = [stage.connect('10.0.0.2'), stage.connect('10.0.0.3')];
  const attach = (connection: number, number: number) =>
    stage.request(connection, { type: 'attach', clients: [session(number)] });
  for (const connection of many) attach(connection, 1);
  for (const connection of [alone, quick]) attach(connection, 2);
  for (let height = 1; height <= 65; height += 1) {
    for (const number of [1, 2, 2]) stage.tell(executed(height, number));
    stage.flush(quick);
    t.true(stage.gateway.counters().unreadBytes <= 40_000);
  }
  t.deepEqual(
    many.map((connection) => stage.closings(connection)),
    [['tooMuchUnread'], [], []],
  );
  t.deepEqual(stage.closings(alone), [], 'most waits for it, but less than for the three together');
  t.is(stage.answersOf(quick, 'replies').length, 130);
  for (const connection of [...many, alone]) stage.flush(connection);
  t.is(stage.gateway.counters().unreadBytes, 0);
});

test('hints of leaders do not pile up for a client that does not read', (t) => {
  const stage = new GatewayStage();
  const connection = stage.connect();
  for (let view = 1; view <= 1000; view += 1) {
    stage.tell({ type: 'viewEntered', view: asView(view), leader: asReplicaId(view % 4) });
  }
  t.is(stage.answersOf(connection, 'leader').length, 2, 'the one at the greeting and the first change');
  stage.flush(connection);
  t.deepEqual(stage.answersOf(connection, 'leader').at(-1), {
    type: 'leader',
    view: asView(1000),
    leader: asReplicaId(0),
  });
});

test('a view of the same leader is no news', (t) => {
  const stage = new GatewayStage();
  const connection = stage.connect();
  stage.tell({ type: 'viewEntered', view: asView(1), leader: asReplicaId(0) });
  t.is(stage.answersOf(connection, 'leader').length, 1);
});

test('status is put together from the machine and the view, under the token of the client', (t) => {
  const stage = new GatewayStage();
  const connection = stage.connect();
  stage.tell({ type: 'viewEntered', view: asView(31), leader: asReplicaId(1) });
  stage.request(connection, { type: 'status', token: 77 });
  const asked = stage.sentTo('proposalGenerator').at(-1)?.message;
  const token = asked?.type === 'stateHashWanted' ? asked.token : -1;
  stage.tell({ type: 'stateHashed', token, height: asHeight(12), stateHash: 'ab'.repeat(32) });
  stage.flush(connection);
  const status = {
    id: asReplicaId(2),
    view: asView(31),
    leader: asReplicaId(1),
    committedHeight: asHeight(12),
    stateHash: 'ab'.repeat(32),
  };
  t.deepEqual(stage.answersOf(connection, 'status'), [{ type: 'status', token: 77, status }]);
});

test('log is read from the store within bounds and told as summaries', (t) => {
  const stage = new GatewayStage({ clientPace: { windowMs: 50, work: 1_000_000 } });
  const connection = stage.connect();
  stage.request(connection, { type: 'log', token: 5, fromHeight: asHeight(1), maxBlocks: 4_000_000 });
  const asked = stage.sentTo('storage').at(-1)?.message;
  t.like(asked, { type: 'readRange', reader: 'gateway', fromHeight: asHeight(1), maxBlocks: 1000 });
  const commands = [1, 2].map((sequence) => ({ sequence: asSequence(sequence), bytes: new Uint8Array(4) }));
  const block = childOf(GENESIS, { body: encodeBody([{ client: session(1), commands }]) });
  const token = asked?.type === 'readRange' ? asked.token : -1;
  stage.tell({ type: 'blocksRead', token, blocks: [block], certificate: null, committedHeight: asHeight(40) });
  const { height, view, parent, proposer } = block.header;
  t.deepEqual(stage.answersOf(connection, 'log'), [
    {
      type: 'log',
      token: 5,
      blocks: [{ height, view, hash: block.hash, parent, proposer, bodyBytes: block.body.length, commands: 2 }],
      committedHeight: asHeight(40),
    },
  ]);
});

test('proofs of equivocation are read from the store, and told as they stand there', (t) => {
  const stage = new GatewayStage({ clientPace: { windowMs: 50, work: 1_000_000 } });
  const connection = stage.connect();
  stage.request(connection, { type: 'evidence', token: 5, accused: asReplicaId(3) });
  const asked = stage.sentTo('storage').at(-1)?.message;
  t.like(asked, { type: 'readEvidence', accused: asReplicaId(3), maxProofs: 16 });
  if (asked?.type !== 'readEvidence') return;
  t.true(asked.maxBytes > 0);
  const proofs = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  stage.tell({ type: 'evidenceRead', token: asked.token, proofs });
  t.deepEqual(stage.answersOf(connection, 'evidence'), [{ type: 'evidence', token: 5, proofs }]);
  for (let token = 6; token <= 30; token += 1)
    stage.request(connection, { type: 'evidence', token, accused: asReplicaId(3) });
  t.is(stage.sentTo('storage').length, 1 + 8, 'as many questions at a time as of any kind');
});

test('questions of one connection are bounded, and an answer for one that is gone is nobody’s', (t) => {
  const stage = new GatewayStage({ clientPace: { windowMs: 50, work: 1_000_000 } });
  const connection = stage.connect();
  for (let token = 1; token <= 20; token += 1) stage.request(connection, { type: 'status', token });
  t.is(stage.sentTo('proposalGenerator').length, 8);
  t.is(stage.all('pauseReading').length, 1);
  stage.tell({ type: 'stateHashed', token: 1, height: asHeight(1), stateHash: 'ab'.repeat(32) });
  t.is(stage.sentTo('proposalGenerator').length, 9);
  stage.tell({ type: 'connectionClosed', connection, reason: 'connectionLost' });
  t.notThrows(() => stage.tell({ type: 'stateHashed', token: 2, height: asHeight(1), stateHash: 'ab'.repeat(32) }));
  t.is(stage.gateway.counters().waiting, 0);
});

test('sessions of a connection are bounded; connections of a session too, and the newest stay', (t) => {
  const stage = new GatewayStage({ attachedClients: 3, sessionConnections: 2 });
  const greedy = stage.connect();
  for (let index = 1; index <= 4; index += 1) stage.submit(greedy, session(index), 1);
  t.deepEqual(stage.closings(greedy), ['tooManySessions']);
  t.is(stage.gateway.counters().sessions, 0);

  const [oldest, middle, newest] = [stage.connect(), stage.connect(), stage.connect()];
  for (const connection of [oldest, middle, newest])
    stage.request(connection, { type: 'attach', clients: [session(9)] });
  stage.tell(executed(1, 9));
  t.deepEqual(
    [oldest, middle, newest].map((connection) => stage.answersOf(connection, 'replies').length),
    [0, 1, 1],
  );
});

test('an address brings commands of a bounded number of sessions in a window, by however many connections', (t) => {
  const stage = new GatewayStage({ addressSessions: 3, sessionQuotaWindowMs: 1000 });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const connection = stage.connect('10.0.0.9');
    stage.submit(connection, session(attempt), 1);
    stage.tell({ type: 'connectionClosed', connection, reason: 'connectionLost' });
  }
  t.is(stage.submitted().length, 3);
  const crowded = stage.connect('10.0.0.9');
  stage.submit(crowded, session(50), 7, 2);
  t.deepEqual(stage.answersOf(crowded, 'refused'), [
    { type: 'refused', client: session(50), reason: 'poolFull', sequences: [asSequence(7), asSequence(8)] },
  ]);
  t.deepEqual(stage.closings(crowded), [], 'it may ask again later, as those beside it may');
  stage.submit(crowded, session(1), 2);
  t.is(stage.submitted().length, 4, 'a session that is known already goes on');
  stage.submit(stage.connect('10.0.0.8'), session(50), 1);
  t.is(stage.submitted().length, 5, 'another address has its own');
  t.is(stage.gateway.counters().refusals.tooManyNewSessions, 8);
  stage.advance(1000);
  stage.submit(crowded, session(50), 7, 2);
  t.is(stage.submitted().length, 6);
});

test('all addresses together bring a bounded number of sessions in a window', (t) => {
  const stage = new GatewayStage({ gatewaySessions: 5, sessionQuotaWindowMs: 1000 });
  for (let host = 1; host <= 9; host += 1) stage.submit(stage.connect(`10.0.0.${host}`), session(host), 1);
  t.is(stage.submitted().length, 5);
});

test('a few greedy addresses keep no client of another address out, be it new or known', (t) => {
  const stage = new GatewayStage({ addressSessions: 256, gatewaySessions: 1024, sessionQuotaWindowMs: 1000 });
  let invented = 1000;
  const flood = () => {
    for (let host = 1; host <= 4; host += 1) {
      const connections = [1, 2, 3, 4].map(() => stage.connect(`10.6.6.${host}`));
      for (let count = 0; count < 256; count += 1) {
        stage.submit(connections[count % 4] as number, session(invented), 1);
        invented += 1;
      }
      for (const connection of connections)
        stage.tell({ type: 'connectionClosed', connection, reason: 'connectionLost' });
    }
  };
  const takes = (address: string, index: number, sequence: number) => {
    const before = stage.submitted().length;
    stage.submit(stage.connect(address), session(index), sequence);
    return stage.submitted().length > before;
  };
  for (let round = 1; round <= 4; round += 1) {
    flood();
    t.true(takes('10.0.0.1', 1, round), 'known');
    t.true(takes(`10.0.1.${round}`, 100 + round, 1), 'new');
    stage.advance(1000);
  }
});

test('connections of one address are bounded, greeted ones too, and make room when they end', (t) => {
  const stage = new GatewayStage({ clientConnectionsPerAddress: 3 });
  const friends = [1, 2, 3].map(() => stage.connect('10.0.0.9'));
  t.deepEqual(stage.closings(stage.opens('10.0.0.9')), ['tooManyConnections']);
  t.deepEqual(stage.closings(stage.opens('10.0.0.8')), []);
  stage.tell({ type: 'connectionClosed', connection: friends[0] ?? 0, reason: 'connectionLost' });
  t.deepEqual(stage.closings(stage.opens('10.0.0.9')), []);
});

test('malformed requests end the connection and are counted, none of them throws', (t) => {
  const stage = new GatewayStage();
  const payloads = [[], [0], [9], [1], [1, 2, 3], [2], [3, 0], [4, 255]];
  for (const payload of payloads) {
    const connection = stage.connect();
    stage.frame(connection, encodeFrame('message', Uint8Array.from(payload)));
    t.is(stage.closings(connection).length, 1, payload.join());
  }
  for (const bytes of [[], [1], [2, 3, 1], [1, 77], [1, 4, 0], [1, 1, 0], [1, 2, 0]]) {
    const connection = stage.connect();
    stage.frame(connection, Uint8Array.from(bytes));
    t.is(stage.closings(connection).length, 1, bytes.join());
  }
  const { refusals, connections } = stage.gateway.counters();
  t.is(
    Object.values(refusals).reduce((sum, count) => sum + count, 0),
    payloads.length + 7,
  );
  t.is(connections, 0);
  t.deepEqual(stage.submitted(), []);
});

test('commands beyond the number of one submit end the connection', (t) => {
  const stage = new GatewayStage({ commandsPerSubmit: 10 });
  const connection = stage.connect();
  stage.submit(connection, session(1), 1, 10, 1);
  t.deepEqual(stage.closings(connection), []);
  stage.submit(connection, session(1), 11, 11, 1);
  t.deepEqual(stage.closings(connection), ['tooManyCommands']);
});

test('a stop takes nothing more, lets replies leave, closes, and says so once', (t) => {
  const stage = new GatewayStage();
  const [busy, idle, stranger] = [stage.connect(), stage.connect(), stage.opens()];
  stage.submit(busy, session(1), 1);
  stage.tell(executed(1, 1), { type: 'stopRequested' }, { type: 'stopRequested' });
  t.deepEqual(
    [busy, idle, stranger].map((connection) => stage.closings(connection)),
    [[], ['stopping'], ['stopping']],
  );
  const submitted = stage.submitted().length;
  stage.submit(busy, session(1), 2);
  t.is(stage.submitted().length, submitted);
  stage.flush(busy);
  t.deepEqual(stage.closings(busy), ['stopping']);
  for (const connection of [busy, idle, stranger])
    stage.tell({ type: 'connectionClosed', connection, reason: 'stopping' });
  t.deepEqual(
    stage.sentTo('replica').map(({ message }) => message),
    [{ type: 'partStopped', role: 'gateway' }] as never,
  );
  t.deepEqual(stage.closings(stage.opens()), ['stopping']);
});

test('a client that does not read holds up a stop no longer than the flush time', (t) => {
  const stage = new GatewayStage();
  const connection = stage.connect();
  stage.submit(connection, session(1), 1);
  stage.tell(executed(1, 1), { type: 'stopRequested' });
  stage.advance(1999);
  t.deepEqual(stage.closings(connection), []);
  stage.advance(1);
  t.deepEqual(stage.closings(connection), ['stopping']);
});
