import test from 'ava';
import { asReplicaId, asTenure, asView, type ReplicaId } from '../../src/protocol/numbers.js';
import { Ether } from '../../src/simulation/ether.js';
import { SimulatedProcess } from '../../src/simulation/process.js';
import { Random } from '../../src/simulation/random.js';
import { Scheduler } from '../../src/simulation/scheduler.js';
import { encodeFrame } from '../../src/wire/frames.js';
import { decodeHelloAnswer, encodeHello, encodeHelloAnswer, ownHello } from '../../src/wire/hello.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import type { ConnectionId, SocketEffect, SocketMessage } from '../../src/wire/sockets.js';

const CLUSTER = { clusterId: 'ab'.repeat(32), epoch: 0 };
/** Node 2 is the second copy of replica 0. */
const IDENTITIES = [0, 1, 0].map(asReplicaId);

interface Node {
  readonly perform: (effect: SocketEffect) => void;
  readonly told: SocketMessage[];
}

/** Three nodes that listen and dial as the network actor does; `parted` says which view keeps which nodes apart. */
function stage(reaches = (_view: number, _a: number, _b: number) => true) {
  const scheduler = new Scheduler();
  const messages = new Map<Uint8Array, PeerMessage>();
  const arrived: string[] = [];
  const ether = new Ether({
    scheduler,
    random: new Random(1),
    cluster: CLUSTER,
    identities: IDENTITIES,
    reaches,
    viewOf: () => 1,
    messageOf: (frame) => messages.get(frame) ?? null,
    onSent: () => {},
    onArrived: ({ from, to }) => arrived.push(`${from} to ${to}`),
  });
  const nodes = IDENTITIES.map((identity, node): Node => {
    const process = new SimulatedProcess(`node ${node}`, scheduler);
    const told: SocketMessage[] = [];
    const port = ether.peerSockets(
      node,
      identity,
      process,
    )((message) => {
      told.push(message as SocketMessage);
      return true;
    });
    return { told, perform: (effect) => process.enter(() => port.perform(effect)) };
  });
  const run = (): void => {
    while (scheduler.step(scheduler.now + 1000) !== null);
  };
  return { nodes, run, messages, arrived };
}

function connectionOf({ told }: Node): ConnectionId {
  const opened = told.findLast((message) => message.type === 'connectionOpened');
  return opened?.type === 'connectionOpened' ? opened.connection : -1;
}

/** Greets as the network actor would: the lower id dials. */
function greet(nodes: readonly Node[]): void {
  for (const [index, node] of nodes.entries()) {
    node.perform({ type: 'listen' });
    const identity = IDENTITIES[index] as ReplicaId;
    if (identity === 0) node.perform({ type: 'dial', peer: asReplicaId(1) });
    const connection = connectionOf(node);
    const hello = ownHello(CLUSTER, identity);
    const frame =
      identity === 0
        ? encodeFrame('hello', encodeHello(hello))
        : encodeFrame('helloAnswer', encodeHelloAnswer({ accepted: true, hello }));
    node.perform({ type: 'transmit', connection, frame });
  }
}

function frames({ told }: Node): readonly Uint8Array[] {
  return told.flatMap((message) => (message.type === 'frameReceived' ? [message.frame] : []));
}

test('who dials is answered in the name of whom it dials, and who listens is greeted by those of a lower id', (t) => {
  const { nodes } = stage();
  greet(nodes);
  const [first, second] = nodes as [Node, Node];
  const answer = decodeHelloAnswer(frames(first)[0]?.subarray(2) ?? new Uint8Array(0));
  t.deepEqual(answer, { accepted: true, hello: ownHello(CLUSTER, asReplicaId(1)) });
  t.deepEqual(frames(second), [encodeFrame('hello', encodeHello(ownHello(CLUSTER, asReplicaId(0))))]);
});

test('a frame for an identity reaches every node that bears it, on the connection of its sender’s identity', (t) => {
  const { nodes, run, arrived } = stage();
  greet(nodes);
  const [first, second, copy] = nodes as [Node, Node, Node];
  const frame = encodeFrame('message', Uint8Array.of(7));
  second.perform({ type: 'transmit', connection: connectionOf(second), frame });
  run();
  t.deepEqual(frames(first).at(-1), frame);
  t.deepEqual(frames(copy).at(-1), frame);
  copy.perform({ type: 'transmit', connection: connectionOf(copy), frame });
  run();
  t.deepEqual(frames(second).at(-1), frame);
  t.deepEqual([...arrived].sort(), ['1 to 0', '1 to 2', '2 to 1']);
});

test('what a partition keeps apart is lost: a proposal by its view, a Timeout by its tenure and one view more each time', (t) => {
  // In views 1 and 2 node 1 hears the first copy alone.
  const { nodes, run, arrived, messages } = stage((view, a, b) => view > 2 || (a !== 2 && b !== 2));
  greet(nodes);
  const second = nodes[1] as Node;
  const send = (message: PeerMessage): void => {
    const frame = encodeFrame('message', Uint8Array.of(messages.size));
    messages.set(frame, message);
    second.perform({ type: 'transmit', connection: connectionOf(second), frame });
    run();
  };
  const vote = (view: number): PeerMessage => {
    return { type: 'vote', vote: { view: asView(view), signer: asReplicaId(1) } } as PeerMessage;
  };
  const timeout = { type: 'timeout', timeout: { tenure: asTenure(1), signer: asReplicaId(1) } } as PeerMessage;
  send(vote(2));
  t.deepEqual(arrived.splice(0), ['1 to 0']);
  send(vote(3));
  t.deepEqual(arrived.splice(0).sort(), ['1 to 0', '1 to 2']);
  for (const _ of ['tenure 1', 'one more']) {
    send(timeout);
    t.deepEqual(arrived.splice(0), ['1 to 0']);
  }
  send(timeout);
  t.deepEqual(arrived.splice(0).sort(), ['1 to 0', '1 to 2']);
});

test('a sign of life is answered, so that nobody takes a peer for dead that a partition keeps away', (t) => {
  const { nodes } = stage(() => false);
  greet(nodes);
  const first = nodes[0] as Node;
  const keepalive = encodeFrame('keepalive');
  first.perform({ type: 'transmit', connection: connectionOf(first), frame: keepalive });
  t.deepEqual(frames(first).at(-1), keepalive);
});

test('what arrives while reading is paused is read in order when it goes on', (t) => {
  const { nodes, run } = stage();
  greet(nodes);
  const [first, second] = nodes as [Node, Node];
  const connection = connectionOf(first);
  first.perform({ type: 'pauseReading', connection });
  const before = frames(first).length;
  for (const byte of [1, 2, 3]) {
    const frame = encodeFrame('message', Uint8Array.of(byte));
    second.perform({ type: 'transmit', connection: connectionOf(second), frame });
  }
  run();
  t.is(frames(first).length, before);
  first.perform({ type: 'resumeReading', connection });
  t.deepEqual(
    frames(first)
      .slice(before)
      .map((frame) => frame[2]),
    [1, 2, 3],
  );
});

test('a connection that a node closes is closed, and one that the other side dials is dialled again', (t) => {
  const { nodes, run } = stage();
  greet(nodes);
  const second = nodes[1] as Node;
  const connection = connectionOf(second);
  second.perform({ type: 'closeConnection', connection, reason: 'test' });
  t.deepEqual(second.told.at(-1), { type: 'connectionClosed', connection, reason: 'test' });
  run();
  t.not(connectionOf(second), connection);
});
