/**
 * The simulated network: connections that carry the encoded frames of replicas and clients over directed links. It performs
 * the socket effects of network, gateway and client as `src/adapters/sockets.ts` does, on virtual time. A connection keeps its
 * order and loses nothing, as TCP does, until it is broken; what an adversary may do all the same stands in `links.ts`.
 */
import type { ReplicaId } from '../protocol/numbers.js';
import type { Deliver, Port, PortFactory } from '../runtime/behaviour.js';
import type { ConnectionId, SocketEffect, SocketMessage } from '../wire/sockets.js';
import {
  breakEnd,
  closeEnd,
  connect,
  type End,
  type Endpoint,
  loseFrame,
  type ObservedFrame,
  readFrames,
  type Side,
  sideOf,
  writeFrame,
} from './connection.js';
import { insistently } from './insistent-delivery.js';
import { type Arrival, type Disturbed, type LinkConditions, type NodeId, SimulatedLinks } from './links.js';
import type { SimulatedProcess } from './process.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';

interface SimulatedNetworkOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Of every link until it is changed. */
  readonly conditions: LinkConditions;
  readonly onSent?: (frame: ObservedFrame) => void;
  readonly onArrived?: (frame: ObservedFrame) => void;
  /** Told when a replica has lost a connection to a peer. */
  readonly onDisconnected?: (node: NodeId) => void;
}

/** After so long a dial across a cut fails. */
const DIAL_TIMEOUT_MS = 5000;

interface HeldFrame {
  readonly end: End;
  readonly frame: Uint8Array;
}

/** Makes the sockets of replicas and clients and carries what they send; faults change it from outside. */
export class SimulatedNetwork {
  readonly #options: SimulatedNetworkOptions;
  readonly #scheduler: Scheduler;
  readonly #links: SimulatedLinks;
  readonly #listeners = new Map<string, Endpoint>();
  readonly #endpoints = new Set<Endpoint>();
  /** Sent, and not let in yet: they wait for the end of a cut, or for those before them on a narrow link. */
  readonly #held = new Set<HeldFrame>();
  /** Ends whose other side is no more, and which a cut keeps from learning it. */
  readonly #unheard: { readonly end: End; readonly writer: NodeId }[] = [];
  #framesCut = 0;
  #nextConnection: ConnectionId = 1;

  constructor(options: SimulatedNetworkOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler;
    this.#links = new SimulatedLinks(options.random, options.conditions);
  }

  /** The sockets of a replica toward its peers. */
  peerSockets(node: NodeId, identity: ReplicaId, process: SimulatedProcess): PortFactory<SocketEffect, SocketMessage> {
    return (deliver) => this.#open({ node, side: 'peer', identity, process }, deliver);
  }

  /** The sockets of a replica toward clients. */
  gatewaySockets(
    node: NodeId,
    identity: ReplicaId,
    process: SimulatedProcess,
  ): PortFactory<SocketEffect, SocketMessage> {
    return (deliver) => this.#open({ node, side: 'gateway', identity, process }, deliver);
  }

  /** The sockets of a client. */
  clientSockets(node: NodeId, process: SimulatedProcess): PortFactory<SocketEffect, SocketMessage> {
    return (deliver) => this.#open({ node, side: 'client', identity: null, process }, deliver);
  }

  /** Frames that did not pass as they were sent. */
  get disturbed(): Disturbed & { readonly framesCut: number } {
    return { ...this.#links.disturbed, framesCut: this.#framesCut };
  }

  /** Whether a client has a connection to a replica, as far as it knows. */
  isConnected(client: NodeId, replica: NodeId): boolean {
    for (const { node, side, ends } of this.#endpoints) {
      if (node !== client || side !== 'client') continue;
      for (const { other } of ends.values()) if (other?.endpoint.node === replica) return true;
    }
    return false;
  }

  /** Changes one directed link. What waited for it goes on as the link is now. */
  setLink(from: NodeId, to: NodeId, changes: Partial<LinkConditions>): void {
    this.#links.set(from, to, changes);
    this.#release(({ endpoint, other }) => endpoint.node === from && other?.endpoint.node === to);
  }

  /** Changes all links. */
  setAll(changes: Partial<LinkConditions>): void {
    this.#links.setAll(changes);
    this.#release(() => true);
  }

  /** Breaks every connection between two nodes: both sides learn it, as of a reset. */
  breakConnections(a: NodeId, b: NodeId): void {
    for (const endpoint of this.#endpoints) {
      if (endpoint.node !== a) continue;
      for (const end of [...endpoint.ends.values()]) {
        if (end.other?.endpoint.node !== b) continue;
        breakEnd(end.other, 'reset');
        breakEnd(end, 'reset');
      }
    }
  }

  /** A node's process has crashed: whoever is connected to it learns so, where the way there is not cut. */
  crashed(node: NodeId): void {
    for (const endpoint of [...this.#endpoints]) {
      if (endpoint.node !== node) continue;
      this.#endpoints.delete(endpoint);
      if (this.#listeners.get(listenerOf(endpoint.side, node)) === endpoint) {
        this.#listeners.delete(listenerOf(endpoint.side, node));
      }
      for (const end of [...endpoint.ends.values()]) this.#leave(end, 'the process has ended');
    }
  }

  #open(
    parts: Pick<Endpoint, 'node' | 'side' | 'identity' | 'process'>,
    accept: Deliver<SocketMessage>,
  ): Port<SocketEffect> {
    const endpoint: Endpoint = {
      ...parts,
      deliver: insistently(parts.process, accept),
      onClosed: () => {
        if (parts.side === 'peer') this.#options.onDisconnected?.(parts.node);
      },
      listening: false,
      closed: false,
      ends: new Map(),
    };
    this.#endpoints.add(endpoint);
    return {
      perform: (effect) => this.#perform(endpoint, effect),
      close: async () => {
        endpoint.closed = true;
        endpoint.listening = false;
        for (const end of [...endpoint.ends.values()]) this.#leave(end, 'stopping');
        this.#endpoints.delete(endpoint);
      },
    };
  }

  #perform(endpoint: Endpoint, effect: SocketEffect): void {
    if (endpoint.closed) return;
    switch (effect.type) {
      case 'listen':
        endpoint.listening = true;
        this.#listeners.set(listenerOf(endpoint.side, endpoint.node), endpoint);
        endpoint.process.later(0, 'connection', () => endpoint.deliver({ type: 'listening', port: 1 + endpoint.node }));
        return;
      case 'closeListener':
        endpoint.listening = false;
        return;
      case 'dial':
        return this.#dial(endpoint, effect.peer);
      case 'transmit': {
        const end = endpoint.ends.get(effect.connection);
        if (end !== undefined) this.#transmit(end, effect.frame);
        return;
      }
      case 'pauseReading': {
        const end = endpoint.ends.get(effect.connection);
        if (end !== undefined) end.paused = true;
        return;
      }
      case 'resumeReading': {
        const end = endpoint.ends.get(effect.connection);
        if (end === undefined) return;
        end.paused = false;
        if (end.inbox.length > 0)
          endpoint.process.later(0, 'connection', () => readFrames(end, this.#options.onArrived));
        return;
      }
      case 'closeConnection': {
        const end = endpoint.ends.get(effect.connection);
        if (end === undefined) return;
        this.#leave(end, 'closed by the other side');
        endpoint.process.later(0, 'connection', () => {
          endpoint.deliver({ type: 'connectionClosed', connection: effect.connection, reason: effect.reason });
        });
      }
    }
  }

  #dial(endpoint: Endpoint, peer: ReplicaId): void {
    const { node, process } = endpoint;
    const target = peer as number;
    const failed = (delayMs: number, reason: string): void => {
      process.later(delayMs, 'connection', () => endpoint.deliver({ type: 'dialFailed', peer, reason }));
    };
    if (this.#links.isCut(node, target) || this.#links.isCut(target, node)) return failed(DIAL_TIMEOUT_MS, 'timedOut');
    const there = this.#links.delay(node, target);
    const back = this.#links.delay(target, node);
    const side = endpoint.side === 'client' ? 'gateway' : 'peer';
    this.#scheduler.after(there, 'connection', () => {
      const listener = this.#listeners.get(listenerOf(side, target));
      if (listener === undefined || !listener.listening || !listener.process.alive || listener.process.paused) {
        return failed(back, 'refused');
      }
      const [dialer, acceptor] = connect(endpoint, listener, this.#nextConnection);
      this.#nextConnection += 2;
      acceptor.open = true;
      listener.ends.set(acceptor.id, acceptor);
      const identity = endpoint.identity;
      const address = `node-${node}`;
      listener.process.enter(() => {
        listener.deliver({
          type: 'connectionOpened',
          connection: acceptor.id,
          direction: 'accepted',
          peer: identity,
          address,
        });
      });
      this.#scheduler.after(back, 'connection', () => {
        if (!process.alive || endpoint.closed || !acceptor.open) {
          if (acceptor.open) breakEnd(acceptor, 'the process has ended');
          return failed(0, 'connectionReset');
        }
        dialer.open = true;
        endpoint.ends.set(dialer.id, dialer);
        process.enter(() => {
          endpoint.deliver({
            type: 'connectionOpened',
            connection: dialer.id,
            direction: 'dialed',
            peer,
            address: `node-${target}`,
          });
        });
      });
    });
  }

  #transmit(end: End, frame: Uint8Array): void {
    const { other, endpoint } = end;
    if (other === null) return;
    const from = endpoint.node;
    const to = other.endpoint.node;
    this.#options.onSent?.({ from, to, side: sideOf(end), frame });
    writeFrame(end, frame);
    if (this.#links.isCut(from, to)) this.#framesCut += 1;
    this.#letIn(end, frame);
  }

  /** The frame is sent when the link has room for it. */
  #letIn(end: End, frame: Uint8Array): void {
    const [from, to] = [end.endpoint.node, (end.other as End).endpoint.node];
    const cut = this.#links.isCut(from, to);
    const { now } = this.#scheduler;
    const leaves = cut ? Number.POSITIVE_INFINITY : this.#links.leaves(from, to, now, frame.length);
    if (leaves <= now) return this.#send(end, frame);
    const held: HeldFrame = { end, frame };
    this.#held.add(held);
    if (cut) return;
    this.#scheduler.at(leaves, 'frame', () => {
      if (this.#held.delete(held)) this.#send(end, frame);
    });
  }

  #send(end: End, frame: Uint8Array): void {
    const { endpoint } = end.other as End;
    const way = { from: end.endpoint.node, to: endpoint.node, now: this.#scheduler.now };
    const carried = this.#links.carry(frame, { ...way, notBefore: end.lastArrival, slowMs: endpoint.process.slowMs });
    if (carried.inOrderAt !== null) end.lastArrival = carried.inOrderAt;
    if (carried.lost) loseFrame(end, frame);
    for (const arrival of carried.arrivals) this.#arriveAt(end, arrival);
  }

  #arriveAt(end: End, { frame, at, again }: Arrival): void {
    const other = end.other as End;
    this.#scheduler.at(at, 'frame', () => {
      if (!other.open) return;
      other.endpoint.process.enter(() => {
        if (!other.open) return;
        // A copy is none of the bytes that its writer counts.
        if (again) end.unread += frame.length;
        other.inbox.push(frame);
        readFrames(other, this.#options.onArrived);
      });
    });
  }

  /** This end is no more; the other one learns it behind what is under way to it. */
  #leave(end: End, reason: string): void {
    if (!end.open) return;
    closeEnd(end);
    const other = end.other as End;
    const [from, to] = [end.endpoint.node, other.endpoint.node];
    if (this.#links.isCut(from, to)) {
      this.#unheard.push({ end: other, writer: from });
      return;
    }
    const at = Math.max(end.lastArrival, this.#scheduler.now + this.#links.delay(from, to));
    this.#scheduler.at(at, 'connection', () => breakEnd(other, reason));
  }

  /**
   * What waited for links that have changed is handed to them anew, in order; then those learn it whose connection is no
   * more, since what they send in answer must not get before what waited.
   */
  #release(hasChanged: (end: End) => boolean): void {
    const broken: End[] = [];
    for (const held of [...this.#held]) {
      const { end, frame } = held;
      if (!hasChanged(end)) continue;
      this.#held.delete(held);
      const other = end.other as End;
      if (!other.open) continue;
      if (end.open || this.#links.isCut(end.endpoint.node, other.endpoint.node)) this.#letIn(end, frame);
      else broken.push(other);
    }
    for (const end of broken) breakEnd(end, 'reset');
    for (const { end, writer } of this.#unheard.splice(0)) {
      if (!end.open) continue;
      if (this.#links.isCut(writer, end.endpoint.node)) this.#unheard.push({ end, writer });
      else breakEnd(end, 'reset');
    }
  }
}

const listenerOf = (side: Side, node: NodeId): string => `${side}/${node}`;
