import test from 'ava';
import { asReplicaId } from '../../src/protocol/numbers.js';
import { SimulatedNetwork } from '../../src/simulation/network.js';
import { SimulatedProcess } from '../../src/simulation/process.js';
import { stream } from '../../src/simulation/random.js';
import { Scheduler } from '../../src/simulation/scheduler.js';
import { encodeFrame } from '../../src/wire/frames.js';
import { isConsensusMessage } from '../../src/wire/peer-codec.js';
import type { ConnectionId, SocketEffect, SocketMessage } from '../../src/wire/sockets.js';

const CONDITIONS = {
  delayMs: [1, 1],
  loss: 0,
  duplicate: 0,
  reorder: 0,
  replay: 0,
  cut: false,
  bytesPerMs: null,
} as const;

const FRAME_BYTES = 60_000;
/** Together more than a connection holds before its writer has no more room. */
const FRAMES = 20;

/** A frame of the protocol, of which the adversary may make what it likes. */
function protocolFrame(): Uint8Array {
  const payload = new Uint8Array(FRAME_BYTES);
  while (!isConsensusMessage(payload)) payload[0] = (payload[0] as number) + 1;
  return encodeFrame('message', payload);
}

interface Told {
  readonly node: number;
  readonly message: SocketMessage;
  readonly perform: (effect: SocketEffect) => void;
}

/** Node 1 has dialled node 0, and both know it. `hear` is told what each of them is, at once. */
function connected(hear: (told: Told) => void = () => {}) {
  const scheduler = new Scheduler();
  const network = new SimulatedNetwork({ scheduler, random: stream(1, 'net'), conditions: CONDITIONS });
  const nodes = [0, 1].map((node) => {
    const process = new SimulatedProcess(`node ${node}`, scheduler);
    const told: SocketMessage[] = [];
    const port = network.peerSockets(
      node,
      asReplicaId(node),
      process,
    )((message) => {
      told.push(message as SocketMessage);
      hear({ node, message: message as SocketMessage, perform: port.perform });
      return true;
    });
    const perform = (effect: SocketEffect): void => process.enter(() => port.perform(effect));
    const count = (type: SocketMessage['type']): number => told.filter((message) => message.type === type).length;
    return { told, perform, count };
  });
  const [listener, dialer] = nodes as [(typeof nodes)[number], (typeof nodes)[number]];
  const run = (): void => {
    while (scheduler.step(scheduler.now + 10_000) !== null);
  };
  const dial = (): void => {
    dialer.perform({ type: 'dial', peer: asReplicaId(0) });
    run();
  };
  listener.perform({ type: 'listen' });
  dial();
  const connection = openedIn(dialer.told);
  const transmit = (frames: number): void => {
    for (let sent = 0; sent < frames; sent += 1)
      dialer.perform({ type: 'transmit', connection, frame: protocolFrame() });
  };
  return { network, listener, dialer, connection, transmit, dial, run };
}

/** The last connection that somebody has. */
function openedIn(told: readonly SocketMessage[]): ConnectionId {
  const opened = told.findLast((message) => message.type === 'connectionOpened');
  return opened?.type === 'connectionOpened' ? opened.connection : -1;
}

test('a writer is told of room again when what filled its connection is lost', (t) => {
  const { network, listener, dialer, transmit, run } = connected();
  network.setLink(1, 0, { cut: true });
  transmit(FRAMES);
  run();
  t.true(dialer.count('transmitted') < FRAMES, 'some wait for room');
  network.setLink(1, 0, { cut: false, loss: 1 });
  run();
  t.is(listener.count('frameReceived'), 0);
  t.is(dialer.count('transmitted'), FRAMES);
});

test('a writer is told of room again when what filled its connection is read', (t) => {
  const { network, listener, dialer, transmit, run } = connected();
  network.setLink(1, 0, { cut: true });
  transmit(FRAMES);
  network.setLink(1, 0, { cut: false });
  run();
  t.is(listener.count('frameReceived'), FRAMES);
  t.is(dialer.count('transmitted'), FRAMES);
});

test('who is owed the room of frames that a cut held learns that the connection is no more, where the reader closed it', (t) => {
  const { network, listener, dialer, transmit, run } = connected();
  network.setLink(1, 0, { cut: true });
  transmit(FRAMES);
  listener.perform({ type: 'closeConnection', connection: openedIn(listener.told), reason: 'stopping' });
  run();
  t.is(dialer.count('connectionClosed'), 1);
  network.setLink(1, 0, { cut: false });
  run();
  t.is(listener.count('frameReceived'), 0);
  t.is(dialer.count('connectionClosed'), 1);
});

test('what is said to the end of a connection does not overtake what waited for a link that has changed', (t) => {
  const [greeting, answer] = [Uint8Array.of(1), Uint8Array.of(2)];
  let other: ConnectionId | null = null;
  const { network, listener, dialer, connection, dial, run } = connected(({ node, message, perform }) => {
    if (node !== 0 || message.type !== 'connectionClosed' || other === null) return;
    perform({ type: 'transmit', connection: other, frame: answer });
  });
  dial();
  other = openedIn(listener.told);
  network.setAll({ bytesPerMs: 0.001 });
  dialer.perform({ type: 'transmit', connection, frame: Uint8Array.of(0) });
  dialer.perform({ type: 'closeConnection', connection, reason: 'stopping' });
  listener.perform({ type: 'transmit', connection: other, frame: greeting });
  network.setAll({ bytesPerMs: null });
  run();
  t.is(listener.count('connectionClosed'), 1);
  t.deepEqual(
    dialer.told.flatMap((message) => (message.type === 'frameReceived' ? [[...message.frame]] : [])),
    [[...greeting], [...answer]],
  );
});
