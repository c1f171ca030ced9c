import { limits } from '../../../src/config/limits.js';
import { decodeFrame, encodeFrame } from '../../../src/wire/frames.js';
import { encodeHelloAnswer, type HelloRefusal } from '../../../src/wire/hello.js';
import { onBothHosts as test } from '../../support/hosts.js';
import {
  clusterOf,
  firstFrameOf,
  NetworkStage,
  peer,
  recordingLogger,
  transmittedOn,
  voteOf,
} from '../../support/network-stage.js';

test('the lower id of a pair dials, the other one only listens', (t) => {
  const stage = new NetworkStage().open();
  t.is(stage.all('listen').length, 1);
  t.deepEqual(
    stage.all('dial').map((dial) => dial.peer as number),
    [2, 3],
  );
});

test('who dials speaks first, and tells others of the peer only when it has answered', (t) => {
  const stage = new NetworkStage().open();
  const connection = stage.opens('dialed', 2);
  const [hello] = transmittedOn(stage.effects, connection);
  const decoded = hello === undefined ? null : decodeFrame(hello);
  t.true(decoded?.ok === true && decoded.kind === 'hello');
  t.deepEqual(stage.sentTo('consensus'), []);
  const other = new NetworkStage().open();
  other.connect(2);
  t.deepEqual(
    other.sentTo('consensus').map(({ message }) => message),
    [{ type: 'peerConnected', peer: 2 }] as never,
  );
  for (const to of ['sync', 'proposalGenerator'] as const)
    t.deepEqual(
      other.sentTo(to).map(({ message }) => message as object),
      [{ type: 'peerConnected', peer: peer(2) }],
    );
});

const refusals: readonly [title: string, refusal: HelloRefusal, hello: (stage: NetworkStage) => Uint8Array][] = [
  ['another cluster', 'wrongCluster', (stage) => stage.helloOf(0, { clusterId: 'ff'.repeat(32) })],
  ['another epoch', 'wrongEpoch', (stage) => stage.helloOf(0, { epoch: 1 })],
  ['another wire version', 'wrongVersion', (stage) => stage.helloOf(0, { wireVersion: 2 })],
  ['a client on the peer port', 'wrongRole', (stage) => stage.helloOf(null)],
  ['an id beyond the cluster', 'unknownReplica', (stage) => stage.helloOf(4)],
  ['our own id', 'ownIdentity', (stage) => stage.helloOf(1)],
  ['an id that it is for us to dial', 'wrongDirection', (stage) => stage.helloOf(2)],
];

for (const [title, refusal, hello] of refusals) {
  test(`a hello that names ${title} is refused as ${refusal}, counted and closed`, (t) => {
    const stage = new NetworkStage({ cluster: clusterOf(4, 'plain') }).open();
    const connection = stage.opens('accepted', null);
    stage.frame(connection, hello(stage));
    t.is(stage.helloRefusal(connection), refusal);
    t.deepEqual(stage.closings(connection), [refusal]);
    t.is(stage.network.counters().refusals[refusal], 1);
    t.is(stage.network.counters().strangers, 0);
    t.deepEqual(stage.sentTo('consensus'), []);
  });
}

test('a hello that claims another identity than the certificate proved is refused', (t) => {
  const stage = new NetworkStage({ id: peer(2) }).open();
  const connection = stage.opens('accepted', 0);
  stage.frame(connection, stage.helloOf(1));
  t.is(stage.helloRefusal(connection), 'identityMismatch');
});

test('a dialed replica that answers as another one is dropped and dialed again later', (t) => {
  const stage = new NetworkStage().open();
  const connection = stage.opens('dialed', 2);
  const hello = { wireVersion: 1, clusterId: stage.cluster.clusterId, epoch: 0, role: 'replica' } as const;
  const answer = { accepted: true, hello: { ...hello, replica: peer(3) } } as const;
  stage.frame(connection, encodeFrame('helloAnswer', encodeHelloAnswer(answer)));
  t.deepEqual(stage.closings(connection), ['identityMismatch']);
  t.is(stage.phaseOf(2), 'backoff');
});

test('a second connection of an identity is refused as long as the first lives, and taken when it does not', (t) => {
  const stage = new NetworkStage().open();
  const first = stage.connect(0);
  for (let attempt = 1; attempt <= 20; attempt += 1) {
    const second = stage.opens('accepted', 0);
    stage.frame(second, stage.helloOf(0));
    t.is(stage.helloRefusal(second), 'duplicateConnection');
  }
  t.deepEqual(stage.closings(first), [], 'the first is left alone');
  t.is(stage.countersOf(0)?.connected, 1);
  stage.advance(limits.silenceMs);
  t.deepEqual(stage.closings(first), ['silent']);
  const third = stage.connect(0);
  t.is(stage.helloRefusal(third), null);
  t.is(stage.phaseOf(0), 'ready');
});

test('a banned identity is refused until the ban ends; a claimed one is never banned', (t) => {
  const stage = new NetworkStage().open();
  stage.frame(stage.connect(0), Uint8Array.of(1, 3, 2, 0));
  const again = stage.opens('accepted', 0);
  stage.frame(again, stage.helloOf(0));
  t.is(stage.helloRefusal(again), 'banned');
  stage.advance(30_000);
  stage.connect(0);
  t.is(stage.phaseOf(0), 'ready');

  const plain = new NetworkStage({ cluster: clusterOf(4, 'plain') }).open();
  const connection = plain.connect(0);
  plain.frame(connection, Uint8Array.of(1, 3, 2, 0));
  t.deepEqual(plain.closings(connection), ['malformed']);
  t.is(plain.phaseOf(0), 'awaiting');
});

test('frames of another wire version or kind end the connection without a ban: another release sends them too', (t) => {
  for (const frame of [Uint8Array.of(2, 3, 0), Uint8Array.of(1, 99, 0), Uint8Array.of(1, 3, 200, 0)]) {
    const stage = new NetworkStage().open();
    const connection = stage.connect(0);
    stage.frame(connection, frame);
    t.is(stage.closings(connection).length, 1);
    t.is(stage.phaseOf(0), 'awaiting');
  }
});

test('anything but a hello from an accepted connection ends it', (t) => {
  const stage = new NetworkStage().open();
  for (const frame of [
    firstFrameOf(voteOf(1)),
    encodeFrame('keepalive'),
    encodeFrame('hello', Uint8Array.of(7)),
    new Uint8Array(),
  ]) {
    const connection = stage.opens('accepted', null);
    stage.frame(connection, frame);
    t.is(stage.closings(connection).length, 1);
  }
  t.deepEqual(stage.sentTo('consensus'), []);
});

test('a connection that never says hello is closed after the greeting time', (t) => {
  const stage = new NetworkStage().open();
  const connection = stage.opens('accepted', null);
  stage.advance(4999);
  t.deepEqual(stage.closings(connection), []);
  stage.advance(1);
  t.deepEqual(stage.closings(connection), ['greetingTimeout']);
});

test('connections of one address that have not greeted are bounded, those of others are not touched by it', (t) => {
  const stage = new NetworkStage({ limits: { strangersPerAddress: 2 } }).open();
  const [first, second, third] = [1, 2, 3].map(() => stage.opens('accepted', null, '10.0.0.9'));
  t.deepEqual(
    [first, second, third].map((each) => stage.closings(each ?? 0).length),
    [0, 0, 1],
  );
  t.deepEqual(stage.closings(stage.opens('accepted', null, '10.0.0.8')), []);
});

test('redialing waits twice as long each time up to the last, and the wait starts anew after a lasting connection', (t) => {
  const stage = new NetworkStage().open();
  const waits: number[] = [];
  for (let attempt = 0; attempt < 8; attempt += 1) {
    stage.tell({ type: 'dialFailed', peer: peer(2), reason: 'refused' });
    waits.push((stage.timers.get('dial 2')?.due ?? 0) - stage.now);
    stage.tell({ type: 'dialDue', peer: peer(2) });
  }
  t.deepEqual(waits, [50, 100, 200, 400, 800, 1600, 2000, 2000]);
  const connection = stage.connect(2);
  stage.now += 2000;
  stage.tell({ type: 'connectionClosed', connection, reason: 'connectionLost' });
  t.is((stage.timers.get('dial 2')?.due ?? 0) - stage.now, 50);
});

test('jitter takes up to a half from the wait', (t) => {
  const stage = new NetworkStage({ random: { bytes: () => Uint8Array.of(255, 255) } }).open();
  stage.tell({ type: 'dialFailed', peer: peer(2), reason: 'refused' });
  const wait = stage.timers.get('dial 2')?.due ?? 0;
  t.true(wait > 25 && wait < 25.1, String(wait));
});

test('each kind of misbehaviour of a peer is logged once and counted always', (t) => {
  const { log, warnings } = recordingLogger();
  const stage = new NetworkStage({ log }).open();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const connection = stage.opens('accepted', 0);
    stage.frame(connection, stage.helloOf(3));
  }
  t.is(stage.network.counters().refusals.identityMismatch, 5);
  t.is(warnings.length, 1);
});

test('a peer that is merely not there is no warning, however often it is dialed', (t) => {
  const { log, warnings } = recordingLogger();
  const stage = new NetworkStage({ log }).open();
  for (const reason of ['refused', 'connectionReset', 'timedOut', 'unreachable', 'handshakeTimeout', 'aborted']) {
    stage.tell({ type: 'dialFailed', peer: peer(2), reason });
    stage.tell({ type: 'dialDue', peer: peer(2) });
  }
  t.deepEqual(warnings, []);
});

test('a peer that answers with a foreign key is logged once, with its address, the key expected and how to mend it', (t) => {
  const { log, warnings } = recordingLogger();
  const stage = new NetworkStage({ log }).open();
  for (const reason of ['refused', 'unknownKey', 'unknownKey', 'anotherReplicasKey', 'unknownKey']) {
    stage.tell({ type: 'dialFailed', peer: peer(2), reason });
    stage.tell({ type: 'dialDue', peer: peer(2) });
  }
  t.deepEqual(
    warnings.map(({ event, facts }) => [event, (facts as { reason: string }).reason]),
    [
      ['dialFailed', 'unknownKey'],
      ['dialFailed', 'anotherReplicasKey'],
    ],
  );
  t.like(warnings[0]?.facts, {
    peer: 2,
    address: '127.0.0.1:7002',
    problem: 'unknownKey',
    expectedKey: '0'.repeat(16),
  });
  t.regex(JSON.stringify(warnings[0]), /"mend":"[^"]*transportKey[^"]*cluster\.json/);
  stage.tell({ type: 'dialFailed', peer: peer(3), reason: 'unknownKey' });
  t.is(warnings.length, 3, 'each peer has its own');
});

test('a foreign key is logged again only after the peer was well in between, and not after a moment of it', (t) => {
  const { log, warnings } = recordingLogger();
  const stage = new NetworkStage({ log }).open();
  const fail = (): void => {
    stage.tell({ type: 'dialFailed', peer: peer(2), reason: 'unknownKey' });
    stage.tell({ type: 'dialDue', peer: peer(2) });
  };
  const connectFor = (ms: number): void => {
    const connection = stage.connect(2);
    stage.now += ms;
    stage.tell({ type: 'connectionClosed', connection, reason: 'connectionLost' });
    stage.tell({ type: 'dialDue', peer: peer(2) });
  };
  fail();
  connectFor(limits.redialLastMs - 1);
  fail();
  t.is(warnings.length, 1);
  connectFor(limits.redialLastMs);
  fail();
  t.is(warnings.length, 2);
});

test('whatever status somebody answers at the address of a peer, it is one line of the log', (t) => {
  const { log, warnings } = recordingLogger();
  const stage = new NetworkStage({ log, cluster: clusterOf(4, 'plain') }).open();
  for (let status = 400; status < 500; status += 1) {
    stage.tell({ type: 'dialFailed', peer: peer(2), reason: `answered ${status}` });
    stage.tell({ type: 'dialDue', peer: peer(2) });
  }
  t.deepEqual(
    warnings.map(({ facts }) => (facts as { problem: string }).problem),
    ['notAReplica', 'refusesOurKey'],
  );
  t.false('expectedKey' in (warnings[0]?.facts ?? {}), 'a plain transport expects no key');
});

test('a busy port is told to the replica as a failure', (t) => {
  const stage = new NetworkStage().open();
  stage.tell({ type: 'listenFailed', code: 'PORT_IN_USE', detail: 'port 7000 is in use' });
  t.deepEqual(
    stage.sentTo('replica').map(({ message }) => message),
    [{ type: 'operationFailed', code: 'PORT_IN_USE', detail: 'port 7000 is in use' }] as never,
  );
});
