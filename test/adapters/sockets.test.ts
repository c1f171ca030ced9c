import test from 'ava';
import { limits } from '../../src/config/limits.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import { openStranger } from '../support/hostile.js';
import { recordingLogger } from '../support/network-stage.js';
import { makeTestCluster, openTestSockets, type TestCluster, type TestSockets } from '../support/sockets.js';

const zero = asReplicaId(0);
const one = asReplicaId(1);

interface Pair {
  readonly made: TestCluster;
  readonly dialer: TestSockets;
  readonly listener: TestSockets;
  /** The dialer's and the listener's number of the one connection. */
  readonly connections: readonly [number, number];
}

async function connectedPair(transport: 'tls' | 'plain'): Promise<Pair> {
  const made = await makeTestCluster(2, transport);
  const dialer = openTestSockets(made, { side: 'peer', self: zero });
  const listener = openTestSockets(made, { side: 'peer', self: one });
  listener.port.perform({ type: 'listen' });
  await listener.next('listening');
  dialer.port.perform({ type: 'dial', peer: one });
  const [dialed, accepted] = [await dialer.next('connectionOpened'), await listener.next('connectionOpened')];
  return { made, dialer, listener, connections: [dialed.connection, accepted.connection] };
}

async function closeAll(...all: readonly TestSockets[]): Promise<void> {
  await Promise.all(all.map(({ port }) => port.close()));
}

for (const transport of ['tls', 'plain'] as const) {
  test(`${transport}: frames cross in both directions, in order, as Uint8Arrays that keep no more memory than twice their own`, async (t) => {
    const { dialer, listener, connections } = await connectedPair(transport);
    const [mine, theirs] = connections;
    const sizes = [0, 1, 100, 30_000, 5, 65_600, 300];
    for (const [index, size] of sizes.entries()) {
      dialer.port.perform({ type: 'transmit', connection: mine, frame: new Uint8Array(size).fill(index + 1) });
    }
    for (const [index, size] of sizes.entries()) {
      const { frame } = await listener.next('frameReceived');
      t.is(Object.getPrototypeOf(frame), Uint8Array.prototype);
      t.deepEqual(frame, new Uint8Array(size).fill(index + 1));
      t.true(frame.buffer.byteLength <= 2 * size, `${size} bytes keep ${frame.buffer.byteLength}`);
    }
    listener.port.perform({ type: 'transmit', connection: theirs, frame: Uint8Array.of(9) });
    t.deepEqual((await dialer.next('frameReceived')).frame, Uint8Array.of(9));
    await closeAll(dialer, listener);
  });

  test(`${transport}: each transmitted frame is told of, and a close flushes what was transmitted before it`, async (t) => {
    const { dialer, listener, connections } = await connectedPair(transport);
    const [connection] = connections;
    const frame = new Uint8Array(60_000);
    for (let each = 0; each < 50; each += 1) dialer.port.perform({ type: 'transmit', connection, frame });
    dialer.port.perform({ type: 'closeConnection', connection, reason: 'done' });
    dialer.port.perform({ type: 'closeConnection', connection, reason: 'again' });
    t.is((await dialer.next('connectionClosed')).reason, 'done');
    t.is((await listener.next('connectionClosed')).reason, 'closedByPeer done');
    t.is(listener.messages.filter(({ type }) => type === 'frameReceived').length, 50);
    t.is(dialer.messages.filter(({ type }) => type === 'transmitted').length, 50);
    await closeAll(dialer, listener);
    t.is(dialer.messages.filter(({ type }) => type === 'connectionClosed').length, 1);
  });

  test(`${transport}: frames that never leave are told of as well, all of them before the end of their connection`, async (t) => {
    const { dialer, listener, connections } = await connectedPair(transport);
    const [connection, accepted] = connections;
    listener.port.perform({ type: 'pauseReading', connection: accepted });
    const frame = new Uint8Array(60_000);
    for (let each = 0; each < 400; each += 1) dialer.port.perform({ type: 'transmit', connection, frame });
    dialer.port.perform({ type: 'closeConnection', connection, reason: 'done' });
    await dialer.next('connectionClosed');
    t.is(dialer.messages.filter(({ type }) => type === 'transmitted').length, 400);
    listener.port.perform({ type: 'resumeReading', connection: accepted });
    await listener.next('connectionClosed');
    t.true(listener.messages.filter(({ type }) => type === 'frameReceived').length < 400, 'they did not all leave');
    await closeAll(dialer, listener);
    t.is(dialer.messages.filter(({ type }) => type === 'transmitted').length, 400);
  });

  test(`${transport}: a paused socket is not read, while another one is`, async (t) => {
    const { made, dialer, listener, connections } = await connectedPair(transport);
    const [flooding, floodedAt] = connections;
    const other = openTestSockets(made, { side: 'peer', self: zero });
    other.port.perform({ type: 'dial', peer: one });
    const quiet = await other.next('connectionOpened');
    await listener.next('connectionOpened');
    listener.port.perform({ type: 'pauseReading', connection: floodedAt });
    const frame = new Uint8Array(60_000);
    for (let each = 0; each < 400; each += 1) dialer.port.perform({ type: 'transmit', connection: flooding, frame });
    for (let each = 0; each < 20; each += 1) {
      other.port.perform({ type: 'transmit', connection: quiet.connection, frame: Uint8Array.of(each) });
      t.deepEqual((await listener.next('frameReceived')).frame, Uint8Array.of(each));
    }
    const flushed = dialer.messages.filter(({ type }) => type === 'transmitted').length;
    t.true(flushed < 400, 'the sender cannot get rid of it all');
    listener.port.perform({ type: 'resumeReading', connection: floodedAt });
    for (let each = 0; each < 400; each += 1) t.is((await listener.next('frameReceived')).frame.byteLength, 60_000);
    await closeAll(dialer, listener, other);
  });
}

test('a mailbox that refuses loses nothing: reading stops, and goes on in order', async (t) => {
  const { dialer, listener, connections } = await connectedPair('plain');
  const [connection] = connections;
  listener.accepting = false;
  for (let each = 0; each < 2000; each += 1) {
    dialer.port.perform({ type: 'transmit', connection, frame: Uint8Array.of(each % 256, each >> 8) });
  }
  const big = new Uint8Array(60_000);
  for (let each = 0; each < 400; each += 1) dialer.port.perform({ type: 'transmit', connection, frame: big });
  await dialer.until(() => dialer.messages.filter(({ type }) => type === 'transmitted').length >= 2000);
  t.true(dialer.messages.filter(({ type }) => type === 'transmitted').length < 2400);
  t.false(listener.messages.some(({ type }) => type === 'frameReceived'));
  listener.accepting = true;
  for (let each = 0; each < 2000; each += 1) {
    t.deepEqual((await listener.next('frameReceived')).frame, Uint8Array.of(each % 256, each >> 8));
  }
  for (let each = 0; each < 400; each += 1) t.is((await listener.next('frameReceived')).frame.byteLength, 60_000);
  await closeAll(dialer, listener);
});

test('what one connection has waiting in the mailbox is bounded, and goes on as it is handled', async (t) => {
  const { dialer, listener, connections } = await connectedPair('plain');
  const [connection] = connections;
  listener.handling = false;
  for (let each = 0; each < 200; each += 1)
    dialer.port.perform({ type: 'transmit', connection, frame: Uint8Array.of(each) });
  const seen = (): number => listener.messages.filter(({ type }) => type === 'frameReceived').length;
  await listener.until(() => seen() === limits.framesUnhandled);
  for (let round = 0; round < 100; round += 1) await new Promise(setImmediate);
  t.is(seen(), limits.framesUnhandled);
  listener.handling = true;
  listener.handle(limits.framesUnhandled);
  for (let each = 0; each < 200; each += 1)
    t.deepEqual((await listener.next('frameReceived')).frame, Uint8Array.of(each));
  await closeAll(dialer, listener);
});

test('a connection delivers a bounded number of frames before the event loop goes round', async (t) => {
  const made = await makeTestCluster(1, 'plain');
  const perRound: number[] = [0];
  const listener = openTestSockets(made, { side: 'peer', self: zero });
  listener.port.perform({ type: 'listen' });
  const { port } = await listener.next('listening');
  const stranger = await openStranger(port);
  await listener.next('connectionOpened');
  const seen = (): number => listener.messages.filter(({ type }) => type === 'frameReceived').length;
  let before = seen();
  const count = (): void => {
    perRound.push(seen() - before);
    before = seen();
    ticking = before < 3000 ? setImmediate(count) : null;
  };
  let ticking: NodeJS.Immediate | null = setImmediate(count);
  for (let each = 0; each < 3000; each += 1) stranger.send(Uint8Array.of(1));
  await listener.until(() => seen() === 3000);
  if (ticking !== null) clearImmediate(ticking);
  // A round of ours may fall across two of the connection's.
  t.true(Math.max(...perRound) <= 8, `${Math.max(...perRound)} in one round`);
  await closeAll(listener);
});

test('a busy port is told of with a code and a sentence that helps', async (t) => {
  const made = await makeTestCluster(1);
  const first = openTestSockets(made, { side: 'peer', self: zero });
  first.port.perform({ type: 'listen' });
  const { port } = await first.next('listening');
  const second = openTestSockets(made, { side: 'peer', self: zero });
  second.port.perform({ type: 'listen' });
  const failed = await second.next('listenFailed');
  t.is(failed.code, 'PORT_IN_USE');
  t.is(failed.detail, `port ${port} on 127.0.0.1 is in use by another process; end it, or configure another port`);
  await closeAll(first, second);
});

test('a host that is not of this machine is told of too', async (t) => {
  const { cluster, credentials } = await makeTestCluster(1);
  const replicas = cluster.replicas.map((replica) => ({ ...replica, host: '192.0.2.1' }));
  const sockets = openTestSockets({ cluster: { ...cluster, replicas }, credentials }, { side: 'peer', self: zero });
  sockets.port.perform({ type: 'listen' });
  t.is((await sockets.next('listenFailed')).code, 'ADDRESS_NOT_LOCAL');
  await closeAll(sockets);
});

test('dialing a port where nobody listens fails as refused', async (t) => {
  const dialer = openTestSockets(await makeTestCluster(2), { side: 'peer', self: zero });
  dialer.port.perform({ type: 'dial', peer: one });
  t.deepEqual(await dialer.next('dialFailed'), { type: 'dialFailed', peer: one, reason: 'refused' });
  await closeAll(dialer);
});

test('the end of a process is seen as a lost connection', async (t) => {
  const { dialer, listener, connections } = await connectedPair('tls');
  const [mine] = connections;
  await closeAll(listener);
  const closed = await dialer.next('connectionClosed');
  t.is(closed.connection, mine);
  t.is(closed.reason, 'closedByPeer stopping');
  await closeAll(dialer);
});

test('closing all ends dials in progress, and nothing is delivered after', async (t) => {
  const made = await makeTestCluster(2);
  const dialer = openTestSockets(made, { side: 'peer', self: zero });
  const listener = openTestSockets(made, { side: 'peer', self: one });
  listener.port.perform({ type: 'listen' });
  await listener.next('listening');
  dialer.port.perform({ type: 'dial', peer: one });
  await dialer.port.close();
  const before = dialer.messages.length;
  await closeAll(listener);
  t.is(dialer.messages.length, before);
});

test('closing all does not wait longer than the close time for whoever does not answer', async (t) => {
  const made = await makeTestCluster(1, 'plain');
  const listener = openTestSockets(made, { side: 'peer', self: zero });
  listener.port.perform({ type: 'listen' });
  const { port } = await listener.next('listening');
  const deaf = await openStranger(port);
  deaf.pause();
  await listener.next('connectionOpened');
  const begun = performance.now();
  await closeAll(listener);
  t.true(performance.now() - begun < 5000);
  deaf.terminate();
});

test('a plain transport says so in the log once, TLS says nothing', async (t) => {
  for (const [transport, events] of [
    ['plain', ['plainTransport']],
    ['tls', []],
  ] as const) {
    const { log, warnings } = recordingLogger();
    const made = await makeTestCluster(1, transport);
    const ports = (['peer', 'gateway'] as const).map((side) => openTestSockets(made, { side, self: zero, log }));
    t.deepEqual(
      warnings.map(({ event }) => event),
      events,
    );
    await closeAll(...ports);
  }
});
