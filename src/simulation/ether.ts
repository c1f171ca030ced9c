/**
 * The network of clusters with twins, replicas of which two copies run: whatever is sent to an identity goes to every node
 * that bears it and can be reached in the view that the message belongs to. Each replica has one connection for each other
 * identity, open from the beginning; the ether itself plays the other side of its greeting and of its signs of life, so
 * that the network actor runs as it is. Nothing is late here and nothing waits: what a partition keeps apart is lost.
 *
 * Parts of messages (`fragment`) go the way of the last message of their sender: two copies number theirs alike.
 */
import type { ReplicaId } from '../protocol/numbers.js';
import type { Deliver, Port, PortFactory } from '../runtime/behaviour.js';
import { decodeFrame, encodeFrame } from '../wire/frames.js';
import { encodeHello, encodeHelloAnswer, ownHello } from '../wire/hello.js';
import type { PeerMessage } from '../wire/peer-messages.js';
import type { ConnectionId, SocketEffect, SocketMessage } from '../wire/sockets.js';
import type { ObservedFrame } from './connection.js';
import { insistently } from './insistent-delivery.js';
import type { NodeId } from './links.js';
import { MessageViews } from './message-views.js';
import type { SimulatedProcess } from './process.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';

interface EtherOptions {
  readonly scheduler: Scheduler;
  /** Breaks ties. */
  readonly random: Random;
  readonly cluster: { readonly clusterId: string; readonly epoch: number };
  /** By node, which replica it is. */
  readonly identities: readonly ReplicaId[];
  /** Whether what belongs to `view` passes from one node to another. */
  readonly reaches: (view: number, from: NodeId, to: NodeId) => boolean;
  /** The view in which a node is. */
  readonly viewOf: (node: NodeId) => number;
  /** What a frame says; null for a part of a message. */
  readonly messageOf: (frame: Uint8Array) => PeerMessage | null;
  /** `to` is the first node of the identity it is sent to. */
  readonly onSent: (frame: ObservedFrame) => void;
  readonly onArrived: (frame: ObservedFrame) => void;
}

interface Connection {
  readonly endpoint: Endpoint;
  readonly peer: ReplicaId;
  id: ConnectionId;
  phase: 'closed' | 'greeting' | 'open';
  paused: boolean;
  /** Arrived and not read. */
  readonly inbox: { readonly from: NodeId; readonly frame: Uint8Array }[];
}

interface Endpoint {
  readonly node: NodeId;
  readonly process: SimulatedProcess;
  readonly deliver: (message: SocketMessage) => void;
  /** By the identity at the other end. */
  readonly connections: readonly (Connection | null)[];
}

/** One way, milliseconds; the ties that a constant one would leave are broken at random. */
const DELAY_MS = [1, 1.1] as const;
/** How soon a peer comes again whose connection was closed. */
const REDIAL_MS = 50;
const KEEPALIVE = encodeFrame('keepalive');

/** Performs the socket effects of replicas with twins, on virtual time. */
export class Ether {
  readonly #options: EtherOptions;
  readonly #endpoints: (Endpoint | null)[];
  readonly #views: MessageViews;
  /** By `from · nodes + to`: when the last frame arrives. None overtakes another. */
  readonly #lastArrival: Float64Array;
  /** By replica: the nodes that bear its identity. */
  readonly #bearers: readonly (readonly NodeId[])[];
  #nextConnection: ConnectionId = 1;

  constructor(options: EtherOptions) {
    const { identities, viewOf } = options;
    const nodes = identities.length;
    this.#options = options;
    this.#endpoints = identities.map(() => null);
    this.#views = new MessageViews(identities, viewOf);
    this.#lastArrival = new Float64Array(nodes * nodes);
    const replicas = Math.max(...identities) + 1;
    this.#bearers = Array.from({ length: replicas }, (_, replica) =>
      identities.flatMap((identity, node) => (identity === replica ? [node] : [])),
    );
  }

  /** The sockets of a node toward its peers. */
  peerSockets(node: NodeId, identity: ReplicaId, process: SimulatedProcess): PortFactory<SocketEffect, SocketMessage> {
    return (accept) => this.#open(node, identity, process, accept);
  }

  /** Those toward clients, of whom there are none. */
  gatewaySockets(
    node: NodeId,
    _identity: ReplicaId,
    process: SimulatedProcess,
  ): PortFactory<SocketEffect, SocketMessage> {
    return (accept) => ({
      perform: (effect) => {
        if (effect.type !== 'listen') return;
        process.schedule(() => accept({ type: 'listening', port: 1 + node }));
      },
      close: async () => {},
    });
  }

  /** Its process has ended. */
  crashed(node: NodeId): void {
    this.#endpoints[node] = null;
  }

  #open(
    node: NodeId,
    identity: ReplicaId,
    process: SimulatedProcess,
    accept: Deliver<SocketMessage>,
  ): Port<SocketEffect> {
    const connections: (Connection | null)[] = [];
    const endpoint: Endpoint = { node, process, deliver: insistently(process, accept), connections };
    for (const peer of this.#bearers.keys()) {
      const other = peer as ReplicaId;
      const fresh: Connection = { endpoint, peer: other, id: 0, phase: 'closed', paused: false, inbox: [] };
      connections.push(other === identity ? null : fresh);
    }
    this.#endpoints[node] = endpoint;
    return { perform: (effect) => this.#perform(endpoint, identity, effect), close: async () => this.crashed(node) };
  }

  #perform(endpoint: Endpoint, identity: ReplicaId, effect: SocketEffect): void {
    const { process, deliver, connections } = endpoint;
    switch (effect.type) {
      case 'listen':
        process.schedule(() => {
          deliver({ type: 'listening', port: 1 + endpoint.node });
          // Whose id is lower dials.
          for (const peer of connections.slice(0, identity)) if (peer !== null) this.#connect(peer, 'accepted');
        });
        return;
      case 'dial': {
        const peer = connections[effect.peer];
        if (peer) process.schedule(() => this.#connect(peer, 'dialed'));
        return;
      }
      case 'transmit': {
        const peer = connectionOf(endpoint, effect.connection);
        if (peer !== undefined) this.#transmit(peer, effect.frame);
        return;
      }
      case 'pauseReading':
      case 'resumeReading': {
        const peer = connectionOf(endpoint, effect.connection);
        if (peer === undefined) return;
        peer.paused = effect.type === 'pauseReading';
        if (!peer.paused) process.schedule(() => this.#read(peer));
        return;
      }
      case 'closeConnection':
        return this.#close(connectionOf(endpoint, effect.connection), identity, effect.reason);
      case 'closeListener':
    }
  }

  #connect(peer: Connection, direction: 'dialed' | 'accepted'): void {
    const { deliver } = peer.endpoint;
    peer.id = this.#nextConnection;
    this.#nextConnection += 1;
    peer.phase = 'greeting';
    peer.paused = false;
    const address = `replica-${peer.peer}`;
    deliver({ type: 'connectionOpened', connection: peer.id, direction, peer: peer.peer, address });
    if (direction === 'dialed') return;
    const frame = encodeFrame('hello', encodeHello(ownHello(this.#options.cluster, peer.peer)));
    this.#hear(peer, frame);
  }

  #close(peer: Connection | undefined, identity: ReplicaId, reason: string): void {
    if (peer === undefined) return;
    const { endpoint, id } = peer;
    peer.phase = 'closed';
    peer.inbox.length = 0;
    endpoint.process.schedule(() => {
      endpoint.deliver({ type: 'connectionClosed', connection: id, reason });
    });
    if (peer.peer > identity) return;
    endpoint.process.later(REDIAL_MS, 'connection', () => this.#connect(peer, 'accepted'));
  }

  #transmit(peer: Connection, frame: Uint8Array): void {
    const { endpoint, id } = peer;
    const { process, deliver, node } = endpoint;
    // At the same instant: the writer's own buffers are empty again.
    process.schedule(() => deliver({ type: 'transmitted', connection: id, bytes: frame.length }));
    const decoded = decodeFrame(frame);
    if (!decoded.ok) return;
    switch (decoded.kind) {
      case 'hello': {
        const hello = ownHello(this.#options.cluster, peer.peer);
        const answer = encodeFrame('helloAnswer', encodeHelloAnswer({ accepted: true, hello }));
        process.schedule(() => {
          this.#hear(peer, answer);
          this.#greeted(peer, id);
        });
        return;
      }
      case 'helloAnswer':
        process.schedule(() => this.#greeted(peer, id));
        return;
      case 'keepalive':
        process.schedule(() => this.#hear(peer, KEEPALIVE));
        return;
      default:
        this.#carry(node, peer.peer, frame);
    }
  }

  #greeted(peer: Connection, id: ConnectionId): void {
    if (peer.id !== id || peer.phase !== 'greeting') return;
    peer.phase = 'open';
    this.#read(peer);
  }

  /** Takes a frame to every bearer of an identity that it reaches. */
  #carry(from: NodeId, to: ReplicaId, frame: Uint8Array): void {
    const { reaches, messageOf, onSent, identities, scheduler, random } = this.#options;
    const bearers = this.#bearers[to] ?? [];
    onSent({ from, to: bearers[0] ?? to, side: 'peer', frame });
    const view = this.#views.of(from, frame, messageOf(frame));
    for (const node of bearers) {
      if (!reaches(view, from, node)) continue;
      const link = from * identities.length + node;
      const at = Math.max(this.#lastArrival[link] ?? 0, scheduler.now + random.between(...DELAY_MS));
      this.#lastArrival[link] = at;
      scheduler.at(at, 'frame', () => this.#arrive(from, node, frame));
    }
  }

  #arrive(from: NodeId, to: NodeId, frame: Uint8Array): void {
    const endpoint = this.#endpoints[to];
    const peer = endpoint?.connections[this.#options.identities[from] as number];
    if (!endpoint || !peer) return;
    endpoint.process.enter(() => {
      peer.inbox.push({ from, frame });
      this.#read(peer);
    });
  }

  #read(peer: Connection): void {
    const { endpoint, inbox } = peer;
    while (peer.phase === 'open' && !peer.paused) {
      const next = inbox.shift();
      if (next === undefined) return;
      this.#options.onArrived({ from: next.from, to: endpoint.node, side: 'peer', frame: next.frame });
      this.#hear(peer, next.frame);
    }
  }

  #hear({ endpoint, id }: Connection, frame: Uint8Array): void {
    // A copy for each: observers know a frame that goes to many by its one array.
    endpoint.deliver({ type: 'frameReceived', connection: id, frame: frame.slice() });
  }
}

function connectionOf({ connections }: Endpoint, id: ConnectionId): Connection | undefined {
  return connections.find((each) => each !== null && each.id === id && each.phase !== 'closed') ?? undefined;
}
