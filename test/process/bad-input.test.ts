/** Bad input against replicas that run: each is closed with one reason, logged once for each peer and kind, and survived. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import type { Client } from '../../actors/index.js';
import { loadReplicaKeys } from '../../src/adapters/key-files.js';
import type { TransportCredentials } from '../../src/adapters/socket-options.js';
import { limits } from '../../src/config/limits.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import { encodeFrame } from '../../src/wire/frames.js';
import { encodeHello, type Hello, ownHello } from '../../src/wire/hello.js';
import { makeTestCredentials } from '../support/credentials.js';
import { sayAndWait, sayOverTls, upgradeRequest } from '../support/hostile.js';
import { eventually, SocketCluster, type Warning } from '../support/socket-cluster.js';

/** The replica whose keys the hostile side has: the lowest id of all, since the lower of two dials. */
const ABSENT = 0;
const ENDED_MS = 10_000;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Stage {
  readonly cluster: SocketCluster;
  readonly client: Client;
  readonly credentials: TransportCredentials;
}

async function start(t: ExecutionContext): Promise<Stage> {
  const cluster = await SocketCluster.start(t, { baseTimeoutMs: 200 }, [ABSENT]);
  const { dataDir } = cluster.member(ABSENT);
  const keys = await loadReplicaKeys(dataDir, cluster.config, asReplicaId(ABSENT));
  const credentials = { certificate: keys.transportCertificate, privateKey: keys.transportKey };
  const client = cluster.client();
  await client.submit(encode('before'));
  return { cluster, client, credentials };
}

type Side = 'peer' | 'client';

/** Opens a ws connection, sends `frames`, and answers with the reason for which the other side closed it. */
function closedFor(
  port: number,
  side: Side,
  shown: TransportCredentials | null,
  frames: readonly (Uint8Array | string)[],
) {
  const ws = new WebSocket(`wss://127.0.0.1:${port}/${side}`, `hotstuff.${side}`, {
    rejectUnauthorized: false,
    perMessageDeflate: false,
    ...(shown === null ? {} : { cert: shown.certificate, key: shown.privateKey }),
  });
  return new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => {
      ws.terminate();
      reject(new Error(`not closed in ${ENDED_MS} ms`));
    }, ENDED_MS);
    ws.on('error', (error) => resolve(error.message));
    ws.on('open', () => {
      for (const frame of frames) ws.send(frame);
    });
    ws.on('close', (_code, reason) => {
      clearTimeout(limit);
      resolve(reason.toString());
    });
  });
}

function helloOf({ cluster }: Stage, replica: number | null, changes: Partial<Hello> = {}): Uint8Array {
  const own = ownHello(cluster.config, replica === null ? null : asReplicaId(replica));
  return encodeFrame('hello', encodeHello({ ...own, ...changes }));
}

const refusalsOf = (warnings: readonly Warning[], reason: string): number =>
  warnings.filter(({ facts }) => facts.reason === reason).length;

async function stillCommits(t: ExecutionContext, { cluster, client }: Stage): Promise<void> {
  await client.submit(encode(`still ${performance.now()}`));
  await cluster.agreed(client);
  t.pass();
}

const tooLarge = new Uint8Array(limits.frameBytes + 1);
const of = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

const greetings: readonly (readonly [reason: string, first: (stage: Stage) => Uint8Array | string])[] = [
  ['wrongCluster', (stage) => helloOf(stage, 0, { clusterId: 'ee'.repeat(32) })],
  ['wrongEpoch', (stage) => helloOf(stage, 0, { epoch: 1 })],
  ['wrongVersion', (stage) => helloOf(stage, 0, { wireVersion: 2 })],
  ['wrongRole', (stage) => helloOf(stage, null)],
  ['unknownReplica', (stage) => helloOf(stage, 4)],
  ['ownIdentity', (stage) => helloOf(stage, 2)],
  ['identityMismatch', (stage) => helloOf(stage, 1)],
  ['tooShort', () => of()],
  ['unknownKind', () => of(1, 99)],
  ['helloExpected', () => encodeFrame('keepalive')],
  ['malformedHello', (stage) => helloOf(stage, 0).subarray(0, 20)],
  ['malformedHello', (stage) => Uint8Array.of(...helloOf(stage, 0), 0)],
];

test.serial('a greeting that is wrong is closed with its reason, logged once, and the cluster commits', async (t) => {
  const stage = await start(t);
  const { peerPort } = stage.cluster.config.replicas[2] ?? { peerPort: 0 };
  for (const [reason, first] of greetings) {
    for (let time = 0; time < 2; time += 1) {
      t.is(await closedFor(peerPort, 'peer', stage.credentials, [first(stage)]), reason);
    }
    t.is(refusalsOf(stage.cluster.member(2).warnings, reason), 1, `${reason} is logged once`);
  }
  await stillCommits(t, stage);
});

const afterGreeting: readonly (readonly [reason: string, frame: Uint8Array | string])[] = [
  ['malformed', encodeFrame('message', of(2, 0, 0))],
  ['textFrame', 'hello'],
  // ws itself closes it, and names no reason.
  ['frameTooLarge', tooLarge],
];

for (const [index, [reason, frame]] of afterGreeting.entries()) {
  test.serial(`a proven peer is kept out after ${reason}, and the cluster commits`, async (t) => {
    const stage = await start(t);
    const victim = index + 1;
    const { peerPort } = stage.cluster.config.replicas[victim] ?? { peerPort: 0 };
    const said = await closedFor(peerPort, 'peer', stage.credentials, [helloOf(stage, ABSENT), frame]);
    t.is(said, reason === 'frameTooLarge' ? '' : reason);
    await eventually('it is logged', () => refusalsOf(stage.cluster.member(victim).warnings, reason) === 1);
    for (let time = 0; time < 2; time += 1) {
      t.is(await closedFor(peerPort, 'peer', stage.credentials, [helloOf(stage, ABSENT)]), 'banned');
    }
    t.is(refusalsOf(stage.cluster.member(victim).warnings, 'banned'), 1);
    await stillCommits(t, stage);
  });
}

test.serial('who shows no certificate of the cluster, or speaks HTTP, is answered and turned away', async (t) => {
  const stage = await start(t);
  const { peerPort } = stage.cluster.config.replicas[1] ?? { peerPort: 0 };
  const { credentials: stranger } = makeTestCredentials();
  for (let time = 0; time < 3; time += 1) {
    t.regex(await closedFor(peerPort, 'peer', stranger, []), /403/);
    t.regex(await closedFor(peerPort, 'peer', null, []), /403/);
    t.regex(
      (await sayOverTls(peerPort, stage.credentials, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).said,
      /^HTTP\/1.1 426 /,
    );
    await sayAndWait(peerPort, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  }
  const causes = stage.cluster.member(1).warnings.map(({ facts }) => facts.cause ?? '');
  for (const cause of ['unknownKey', 'noCertificate', 'notAnUpgrade', 'tlsFailed']) {
    t.is(causes.filter((each) => each === cause).length, 1, `${cause} is logged once`);
  }
  await stillCommits(t, stage);
});

const fromClients: readonly (readonly [
  reason: string,
  first: (stage: Stage) => Uint8Array | string,
  then?: Uint8Array,
])[] = [
  ['wrongCluster', (stage) => helloOf(stage, null, { clusterId: 'ee'.repeat(32) })],
  ['wrongRole', (stage) => helloOf(stage, 1)],
  ['helloExpected', () => encodeFrame('message', of(1))],
  ['textFrame', () => 'SET a 1'],
  ['malformed', (stage) => helloOf(stage, null), encodeFrame('message', of(1, 2, 3))],
  ['unknownType', (stage) => helloOf(stage, null), encodeFrame('message', of(77))],
  ['empty', (stage) => helloOf(stage, null), encodeFrame('message')],
];

test.serial('a client that sends nonsense is closed with its reason, and the others are served', async (t) => {
  const stage = await start(t);
  const { clientPort } = stage.cluster.config.replicas[1] ?? { clientPort: 0 };
  for (const [reason, first, then] of fromClients) {
    const frames = then === undefined ? [first(stage)] : [first(stage), then];
    for (let time = 0; time < 2; time += 1) t.is(await closedFor(clientPort, 'client', null, frames), reason);
  }
  await t.throwsAsync(stage.client.submit(encode('!not valid')), { code: 'COMMAND_REFUSED' });
  await stillCommits(t, stage);
  for (const { facts } of stage.cluster.member(1).warnings) {
    const alike = stage.cluster.member(1).warnings.filter((other) => other.facts.reason === facts.reason);
    if (facts.reason !== undefined) t.is(alike.length, 1, `${facts.reason} is logged once`);
  }
});

test.serial('half a frame and then the end is a lost connection to a running replica', async (t) => {
  const stage = await start(t);
  const { peerPort } = stage.cluster.config.replicas[1] ?? { peerPort: 0 };
  const { certificate: cert, privateKey: key } = stage.credentials;
  for (let time = 0; time < 5; time += 1) {
    const socket = connectTls({ host: '127.0.0.1', port: peerPort, cert, key, rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await new Promise((resolve) => {
      socket.once('secureConnect', () => socket.write(upgradeRequest()));
      // The head of a masked binary frame of 64 KiB, and one byte of it.
      socket.once('data', () => socket.end(of(0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0, 1)));
      socket.once('close', resolve);
    });
  }
  await stillCommits(t, stage);
});

test.serial('five hundred slow connections to a replica are bounded in time and do not stop commits', async (t) => {
  const stage = await start(t);
  const { peerPort, clientPort } = stage.cluster.config.replicas[1] ?? { peerPort: 0, clientPort: 0 };
  const closed = new Set<Socket>();
  const slow = Array.from({ length: 500 }, (_, index) => {
    const socket = connect(index % 2 === 0 ? peerPort : clientPort, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('close', () => closed.add(socket));
    return socket;
  });
  t.teardown(() => {
    for (const socket of slow) socket.destroy();
  });
  // A byte of a TLS greeting each now and then: no more than a slow stranger says.
  const drip = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write(of(0x16));
  }, 1000);
  for (let index = 0; index < 20; index += 1) await stage.client.submit(encode(`beside ${index}`));
  await eventually('all are closed', () => closed.size === slow.length);
  clearInterval(drip);
  const causes = stage.cluster.member(1).warnings.map(({ facts }) => `${facts.side} ${facts.cause}`);
  t.is(new Set(causes).size, causes.length, 'each cause is logged once a side');
  await stillCommits(t, stage);
});
