import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import type { WebSocket } from 'ws';
import { asReplicaId } from '../../src/protocol/numbers.js';
import { makeTestCredentials } from '../support/credentials.js';
import { openStranger, sayAndWait, sayOverTls, upgradeRequest } from '../support/hostile.js';
import { recordingLogger } from '../support/network-stage.js';
import {
  makeTestCluster,
  openTestSockets,
  type TestCluster,
  type TestSockets,
  testLimits,
} from '../support/sockets.js';

const zero = asReplicaId(0);
const one = asReplicaId(1);

async function listening(
  transport: 'tls' | 'plain',
  limits: Partial<typeof testLimits> = {},
): Promise<{ made: TestCluster; sockets: TestSockets; port: number }> {
  const made = await makeTestCluster(3, transport);
  const sockets = openTestSockets(made, { side: 'peer', self: one, limits: { ...testLimits, ...limits } });
  sockets.port.perform({ type: 'listen' });
  const { port } = await sockets.next('listening');
  return { made, sockets, port };
}

const causes = ({ refusals }: TestSockets): readonly string[] => refusals.map(({ cause }) => cause);
const opened = ({ messages }: TestSockets): number => messages.filter(({ type }) => type === 'connectionOpened').length;

test('a certificate whose key is not in the configuration is refused by whom it dials', async (t) => {
  const { made, sockets, port } = await listening('tls');
  const stranger = makeTestCredentials().credentials;
  await t.throwsAsync(openStranger(port, stranger), { message: /403/ });
  t.deepEqual(causes(sockets), ['unknownKey']);
  t.is(opened(sockets), 0);

  const dialer = openTestSockets(made, { side: 'peer', self: zero, credentials: stranger });
  dialer.port.perform({ type: 'dial', peer: one });
  t.is((await dialer.next('dialFailed')).reason, 'answered 403');
  await Promise.all([sockets.port.close(), dialer.port.close()]);
});

test('a certificate whose key is not in the configuration is refused by who dials it', async (t) => {
  const made = await makeTestCluster(2);
  const impostor = openTestSockets(made, { side: 'peer', self: one, credentials: makeTestCredentials().credentials });
  const dialer = openTestSockets(made, { side: 'peer', self: zero });
  impostor.port.perform({ type: 'listen' });
  await impostor.next('listening');
  dialer.port.perform({ type: 'dial', peer: one });
  t.is((await dialer.next('dialFailed')).reason, 'unknownKey');
  t.is(opened(impostor) + opened(dialer), 0);
  await Promise.all([impostor.port.close(), dialer.port.close()]);
});

test('a replica that answers at the address of another is refused by its key', async (t) => {
  const made = await makeTestCluster(3);
  const other = openTestSockets(made, { side: 'peer', self: one, credentials: made.credentials[2] ?? null });
  const dialer = openTestSockets(made, { side: 'peer', self: zero });
  other.port.perform({ type: 'listen' });
  await other.next('listening');
  dialer.port.perform({ type: 'dial', peer: one });
  t.is((await dialer.next('dialFailed')).reason, 'anotherReplicasKey');
  await Promise.all([other.port.close(), dialer.port.close()]);
});

test('a client knows the gateway by its key too, and shows none of its own', async (t) => {
  const made = await makeTestCluster(1);
  const gateway = openTestSockets(made, { side: 'gateway', self: zero });
  gateway.port.perform({ type: 'listen' });
  await gateway.next('listening');
  const client = openTestSockets(made, { side: 'client', self: null });
  client.port.perform({ type: 'dial', peer: zero });
  t.is((await client.next('connectionOpened')).peer, zero);
  t.is((await gateway.next('connectionOpened')).peer, null);
  await Promise.all([gateway.port.close(), client.port.close()]);

  const impostor = openTestSockets(made, {
    side: 'gateway',
    self: zero,
    credentials: makeTestCredentials().credentials,
  });
  impostor.port.perform({ type: 'listen' });
  await impostor.next('listening');
  const careful = openTestSockets(made, { side: 'client', self: null });
  careful.port.perform({ type: 'dial', peer: zero });
  t.is((await careful.next('dialFailed')).reason, 'unknownKey');
  await Promise.all([impostor.port.close(), careful.port.close()]);
});

test('who shows no certificate on the peer port is refused', async (t) => {
  const { sockets, port } = await listening('tls');
  await t.throwsAsync(openStranger(port, null), { message: /403/ });
  t.deepEqual(causes(sockets), ['noCertificate']);
  await sockets.port.close();
});

test('a TLS session is never resumed', async (t) => {
  const { made, sockets, port } = await listening('tls');
  const [shown] = made.credentials;
  const options = {
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    cert: shown?.certificate ?? '',
    key: shown?.privateKey ?? '',
  };
  const first = connectTls(options).on('error', () => undefined);
  const session = await new Promise<Buffer | undefined>((resolve) => {
    first.on('session', resolve);
    first.once('secureConnect', () => first.write(upgradeRequest()));
    first.once('data', () => setImmediate(resolve, first.getSession()));
  });
  const second = connectTls({ ...options, ...(session === undefined ? {} : { session }) });
  second.on('error', () => undefined);
  await new Promise((resolve) => second.once('secureConnect', resolve));
  t.not(session, undefined);
  t.false(second.isSessionReused());
  first.destroy();
  second.destroy();
  await sockets.port.close();
});

test('TLS below 1.3 is refused', async (t) => {
  const { sockets, port } = await listening('tls');
  const old = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  await t.throwsAsync(new Promise((_, reject) => old.once('error', reject)), { message: /version|handshake/i });
  await sockets.until(() => causes(sockets).includes('tlsFailed'));
  t.is(opened(sockets), 0);
  await sockets.port.close();
});

const strangers: readonly [title: string, cause: string, answer: RegExp, bytes: string][] = [
  ['plain HTTP', 'notAnUpgrade', /^HTTP\/1.1 426 /, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['HTTP/1.0', 'notAnUpgrade', /^HTTP\/1.1 426 /, 'GET /peer HTTP/1.0\r\n\r\n'],
  ['another path', 'wrongPath', /^HTTP\/1.1 404 /, upgradeRequest({ path: '/client' })],
  ['another subprotocol', 'wrongSubprotocol', /^HTTP\/1.1 400 /, upgradeRequest({ subprotocol: 'hotstuff.client' })],
  ['an old ws version', 'malformedRequest', /^HTTP\/1.1 400 /, upgradeRequest().replace('Version: 13', 'Version: 7')],
  ['no key', 'malformedRequest', /^HTTP\/1.1 400 /, upgradeRequest().replace(/Sec-WebSocket-Key.*\r\n/, '')],
  [
    '64 KiB of headers',
    'malformedRequest',
    /^HTTP\/1.1 400 /,
    upgradeRequest({ extra: `X: ${'x'.repeat(65_536)}\r\n` }),
  ],
  ['no HTTP at all', 'malformedRequest', /^HTTP\/1.1 400 /, '\u0001\u0002\u0003\r\n\r\n'],
  ['a TLS hello', 'malformedRequest', /^HTTP\/1.1 400 /, '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001'],
];

for (const [title, cause, answer, bytes] of strangers) {
  test(`${title} on a plain port is answered, counted and closed at once`, async (t) => {
    const { sockets, port } = await listening('plain');
    t.regex((await sayAndWait(port, bytes)).said, answer);
    t.deepEqual(causes(sockets), [cause]);
    t.is(opened(sockets), 0);
    await sockets.port.close();
  });
}

test('plain HTTP on a TLS port is closed, and HTTP over TLS is answered and closed', async (t) => {
  const { made, sockets, port } = await listening('tls');
  await sayAndWait(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  t.deepEqual(causes(sockets), ['tlsFailed']);
  const ended = await sayOverTls(port, made.credentials[0] ?? null, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  t.regex(ended.said, /^HTTP\/1.1 426 /);
  await sockets.port.close();
});

for (const transport of ['tls', 'plain'] as const) {
  test(`${transport}: silence and one byte at a time end when the time for the handshake does`, async (t) => {
    const { sockets, port } = await listening(transport, { handshakeTimeoutMs: 300 });
    const slow = connect(port, '127.0.0.1');
    slow.on('error', () => undefined);
    const request = upgradeRequest();
    let sent = 0;
    // fewer bytes than TLS needs to see that it is none
    const drip = setInterval(() => slow.write(request[sent++] ?? 'x'), 150);
    const [silent] = await Promise.all([sayAndWait(port), new Promise((resolve) => slow.once('close', resolve))]);
    clearInterval(drip);
    t.true(silent.afterMs >= 290, `${silent.afterMs} ms`);
    t.is(causes(sockets).filter((cause) => cause === 'handshakeTimeout').length, 2);
    await sockets.port.close();
  });
}

test('handshakes of one address are bounded, and a connection that is open does not count', async (t) => {
  const { sockets, port } = await listening('plain', { handshakesPerAddressMax: 3 });
  const friends = await Promise.all([openStranger(port), openStranger(port), openStranger(port)]);
  const silent = [1, 2, 3].map(() => connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  await sayAndWait(port);
  t.deepEqual(causes(sockets), ['tooManyHandshakes']);
  for (const socket of silent) socket.destroy();
  for (const friend of friends) friend.terminate();
  await sockets.port.close();
});

test('connections are bounded in all', async (t) => {
  const { sockets, port } = await listening('plain', { connectionsMax: 2 });
  const friends = await Promise.all([openStranger(port), openStranger(port)]);
  await sayAndWait(port);
  await sockets.until(() => causes(sockets).length === 1);
  t.deepEqual(causes(sockets), ['tooManyConnections']);
  for (const friend of friends) friend.terminate();
  await sockets.port.close();
});

test('whoever hangs up before the upgrade is counted and logged with its address, and none of our own endings is', async (t) => {
  for (const transport of ['tls', 'plain'] as const) {
    const { log, warnings } = recordingLogger();
    const made = await makeTestCluster(3, transport);
    const sockets = openTestSockets(made, { side: 'peer', self: one, log });
    sockets.port.perform({ type: 'listen' });
    const { port } = await sockets.next('listening');
    const endings: readonly ((socket: Socket) => unknown)[] = [
      (socket) => socket.end(),
      // When it was accepted: a connection that is reset before has no address that anyone could tell.
      (socket) => setImmediate(() => setImmediate(() => socket.resetAndDestroy())),
      (socket) => socket.end(transport === 'tls' ? Buffer.from([0x16, 3, 1, 2]) : ''),
    ];
    for (const ending of endings) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.resume().once('connect', () => ending(socket));
    }
    if (transport === 'tls') {
      // A client whose configuration has another key for us: it sees ours and hangs up.
      const careful = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }).on('error', () => undefined);
      careful.once('secureConnect', () => careful.destroy());
    }
    const expected = transport === 'tls' ? 4 : 3;
    await sockets.until(() => sockets.refusals.length >= expected);
    const silent = connect(port, '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => silent.once('connect', resolve));
    await sockets.port.close();
    t.deepEqual(
      sockets.refusals,
      Array.from({ length: expected }, () => ({ cause: 'hungUp' as const, address: '127.0.0.1' })),
    );
    t.deepEqual(sockets.port.counters?.(), { refused: { hungUp: expected } });
    const refused = warnings.filter(({ event }) => event === 'connectionRefused');
    t.deepEqual(
      refused.map(({ facts }) => facts),
      [{ side: 'peer', cause: 'hungUp', address: '127.0.0.1' }],
    );
  }
});

const FIN_BINARY = 0x82;
const wrongFrames: readonly [
  title: string,
  reason: string,
  send: (ws: WebSocket, raw: (bytes: number[]) => void) => void,
][] = [
  ['a text frame', 'textFrame', (ws) => ws.send('hello')],
  ['a ping', 'unexpectedPing', (ws) => ws.ping()],
  ['a pong', 'unexpectedPong', (ws) => ws.pong()],
  ['a frame beyond the limit', 'frameTooLarge', (ws) => ws.send(new Uint8Array(65_601))],
  ['a declared gigabyte', 'frameTooLarge', (_, raw) => raw([FIN_BINARY, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0])],
  ['2^63 declared bytes', 'frameTooLarge', (_, raw) => raw([FIN_BINARY, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
  ['reserved bits', 'malformedWebSocket', (_, raw) => raw([0xf2, 0x81, 0, 0, 0, 0, 1])],
  ['an unknown opcode', 'malformedWebSocket', (_, raw) => raw([0x83, 0x81, 0, 0, 0, 0, 1])],
  ['an unmasked frame', 'malformedWebSocket', (_, raw) => raw([FIN_BINARY, 1, 1])],
  ['a continuation of nothing', 'malformedWebSocket', (_, raw) => raw([0x80, 0x81, 0, 0, 0, 0, 1])],
  ['an invalid close code', 'malformedWebSocket', (_, raw) => raw([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed])],
];

for (const [title, reason, send] of wrongFrames) {
  test(`${title} ends the connection as ${reason}, once, and leaves the others`, async (t) => {
    const { sockets, port } = await listening('plain');
    const [bystander, sender] = [await openStranger(port), await openStranger(port)];
    await sockets.next('connectionOpened');
    const { connection } = await sockets.next('connectionOpened');
    const { _socket: socket } = sender as unknown as { _socket: { write(bytes: Buffer): void } };
    send(sender, (bytes) => socket.write(Buffer.from(bytes)));
    t.deepEqual(await sockets.next('connectionClosed'), { type: 'connectionClosed', connection, reason });
    bystander.send(Uint8Array.of(5));
    t.deepEqual((await sockets.next('frameReceived')).frame, Uint8Array.of(5));
    t.false(sockets.messages.some((message) => message.type === 'frameReceived' && message.connection === connection));
    bystander.terminate();
    await sockets.port.close();
  });
}

test('a frame in 65,536 pieces of one byte ends the connection', async (t) => {
  const { sockets, port } = await listening('plain');
  const sender = await openStranger(port);
  await sockets.next('connectionOpened');
  for (let each = 0; each < 65_536; each += 1) sender.send(Uint8Array.of(1), { fin: false });
  t.is((await sockets.next('connectionClosed')).reason, 'tooManyParts');
  await sockets.port.close();
});

test('half a frame and then the end of the stream is a lost connection', async (t) => {
  const { sockets, port } = await listening('plain');
  const sender = await openStranger(port);
  await sockets.next('connectionOpened');
  const { _socket: socket } = sender as unknown as { _socket: { end(bytes: Buffer): void } };
  socket.end(Buffer.from([FIN_BINARY, 0x85, 0, 0, 0, 0, 1, 2]));
  t.is((await sockets.next('connectionClosed')).reason, 'connectionLost');
  await sockets.port.close();
});

test('words of a stranger in a close frame do not reach the log', async (t) => {
  const { sockets, port } = await listening('plain');
  const sender = await openStranger(port);
  await sockets.next('connectionOpened');
  sender.close(4000, 'line\nanother line');
  t.is((await sockets.next('connectionClosed')).reason, 'closedByPeer 4000');
  await sockets.port.close();
});
