import test from 'ava';
import { asReplicaId } from '../../src/protocol/numbers.js';
import { SimulatedNetwork } from '../../src/simulation/network.js';
import { SimulatedProcess } from '../../src/simulation/process.js';
import { stream } from '../../src/simulation/random.js';
import { Scheduler } from '../../src/simulation/scheduler.js';
import { encodeFrame } from '../../src/wire/frames.js';
import { isConsensusMessage } from '../../src/wire/peer-codec.js';
import type { SocketEffect, SocketMessage } from '../../src/wire/sockets.js';

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

/** Node 1 has dialled node 0, and both know it. */
function connected() {
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
  listener.perform({ type: 'listen' });
  dialer.perform({ type: 'dial', peer: asReplicaId(0) });
  run();
  const opened = dialer.told.find((message) => message.type === 'connectionOpened');
  const connection = opened?.type === 'connectionOpened' ? opened.connection : -1;
  const transmit = (frames: number): void => {
    for (let sent = 0; sent < frames; sent += 1)
      dialer.perform({ type: 'transmit', connection, frame: protocolFrame() });
  };
  return { network, listener, dialer, connection, transmit, run };
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
  const accepted = listener.told.find((message) => message.type === 'connectionOpened');
  const connection = accepted?.type === 'connectionOpened' ? accepted.connection : -1;
  listener.perform({ type: 'closeConnection', connection, reason: 'stopping' });
  run();
  t.is(dialer.count('connectionClosed'), 1);
  network.setLink(1, 0, { cut: false });
  run();
  t.is(listener.count('frameReceived'), 0);
  t.is(dialer.count('connectionClosed'), 1);
});
