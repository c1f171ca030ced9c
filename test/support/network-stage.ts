import type { NetworkLimits } from '../../actors/network/limits.js';
import type { NetworkMessage } from '../../actors/network/messages.js';
import type { Network, NetworkOptions } from '../../actors/network/network.js';
import type { NetworkEffect } from '../../actors/roles.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { limits } from '../../src/config/limits.js';
import { type Logger, silentLogger } from '../../src/logger.js';
import { asBlockHash, asReplicaId, asView, type ReplicaId } from '../../src/protocol/numbers.js';
import { framesOf } from '../../src/wire/fragments.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frames.js';
import { decodeHelloAnswer, encodeHello, encodeHelloAnswer, type Hello, ownHello } from '../../src/wire/hello.js';
import { encodePeerMessage } from '../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { createNetwork } from './actors.js';
import { ofType, Stage } from './stage.js';

export function clusterOf(n: number, transport: 'tls' | 'plain' = 'tls'): ClusterConfig {
  return {
    version: 1,
    clusterId: 'c1'.repeat(32),
    salt: '5a'.repeat(16),
    epoch: 0,
    rule: 'three-chain',
    tenure: 1000,
    leaderSchedule: 'round-robin',
    baseTimeoutMs: 1000,
    transport,
    scheme: 'ed25519-libsodium',
    replicas: Array.from({ length: n }, (_, id) => ({
      id: asReplicaId(id),
      host: '127.0.0.1',
      peerPort: 7000 + id,
      clientPort: 7100 + id,
      signingKey: '11'.repeat(32),
      transportKey: id.toString(16).padStart(64, '0'),
    })),
  };
}

export interface NetworkStageOptions extends Partial<Omit<NetworkOptions, 'limits'>> {
  readonly limits?: Partial<NetworkLimits>;
}

/** Replica 1 of four unless told otherwise: it dials 2 and 3 and is dialed by 0. */
export class NetworkStage extends Stage<NetworkMessage, NetworkEffect> {
  readonly network: Network;
  readonly cluster: ClusterConfig;
  #connections = 0;

  constructor(options: NetworkStageOptions = {}) {
    const cluster = options.cluster ?? clusterOf(4);
    const network = createNetwork({
      id: asReplicaId(1),
      cluster,
      random: { bytes: (count) => new Uint8Array(count) },
      log: silentLogger,
      ...options,
      limits: { ...limits, ...options.limits },
    });
    super(network);
    this.network = network;
    this.cluster = cluster;
  }

  open(): this {
    this.tell({ type: 'openNetwork' });
    return this;
  }

  /** A connection of the host of sockets opens; returns its number. */
  opens(direction: 'dialed' | 'accepted', peer: number | null, address = '127.0.0.1'): number {
    this.#connections += 1;
    const connection = this.#connections;
    this.tell({
      type: 'connectionOpened',
      connection,
      direction,
      peer: peer === null ? null : asReplicaId(peer),
      address,
    });
    return connection;
  }

  frame(connection: number, frame: Uint8Array): readonly NetworkEffect[] {
    return this.tell({ type: 'frameReceived', connection, frame });
  }

  /** Replica `peer` gets ready, by whichever side dials; returns its connection. */
  connect(peer: number): number {
    if (peer < 1) {
      const connection = this.opens('accepted', this.cluster.transport === 'tls' ? peer : null);
      this.frame(connection, this.helloOf(peer));
      return connection;
    }
    const connection = this.opens('dialed', peer);
    const answer = { accepted: true, hello: ownHello(this.cluster, asReplicaId(peer)) } as const;
    this.frame(connection, encodeFrame('helloAnswer', encodeHelloAnswer(answer)));
    return connection;
  }

  helloOf(peer: number | null, changes: Partial<Hello> = {}): Uint8Array {
    const hello = ownHello(this.cluster, peer === null ? null : asReplicaId(peer));
    return encodeFrame('hello', encodeHello({ ...hello, ...changes }));
  }

  /** Everything handed to the socket of a connection has left. */
  flush(connection: number): void {
    const frames = this.all('transmit').filter((effect) => effect.connection === connection);
    const told = this.#flushed.get(connection) ?? 0;
    this.#flushed.set(connection, frames.length);
    for (const { frame } of frames.slice(told)) {
      this.tell({ type: 'transmitted', connection, bytes: frame.byteLength });
    }
  }
  readonly #flushed = new Map<number, number>();

  phaseOf(peer: number): string | undefined {
    return this.countersOf(peer)?.phase;
  }

  countersOf(peer: number) {
    return this.network.counters().peers.find((each) => each.peer === peer);
  }

  /** The reasons for which a connection was closed by us. */
  closings(connection: number): readonly string[] {
    return this.all('closeConnection')
      .filter((effect) => effect.connection === connection)
      .map(({ reason }) => reason);
  }

  /** What was refused to the hello on a connection; null when it was answered in kind or not at all. */
  helloRefusal(connection: number): string | null {
    for (const { frame, connection: at } of this.all('transmit')) {
      const decoded = decodeFrame(frame);
      if (at !== connection || !decoded.ok || decoded.kind !== 'helloAnswer') continue;
      const answer = decodeHelloAnswer(decoded.payload);
      return answer === null || answer.accepted ? null : answer.reason;
    }
    return null;
  }
}

export function voteOf(view: number, signer = 0): PeerMessage {
  const block = asBlockHash('ab'.repeat(32));
  return {
    type: 'vote',
    vote: { signer: asReplicaId(signer), signature: new Uint8Array(64), view: asView(view), block },
  };
}

/** The frames of one message, as a peer sends them. */
export function framesFor(message: PeerMessage, id = 1): readonly Uint8Array[] {
  return [...framesOf(id, encodePeerMessage(message))];
}

export function firstFrameOf(message: PeerMessage): Uint8Array {
  const [frame] = framesFor(message);
  if (frame === undefined) throw new Error('a message has a frame');
  return frame;
}

/** A logger that keeps the events it was told. */
export function recordingLogger(): { readonly log: Logger; readonly warnings: { event: string; facts: object }[] } {
  const warnings: { event: string; facts: object }[] = [];
  return {
    warnings,
    log: { info: () => undefined, warn: (event, facts = {}) => void warnings.push({ event, facts }) },
  };
}

export function transmittedOn(effects: readonly NetworkEffect[], connection: number): readonly Uint8Array[] {
  return ofType(effects, 'transmit')
    .filter((effect) => effect.connection === connection)
    .map(({ frame }) => frame);
}

export const peer = (id: number): ReplicaId => asReplicaId(id);
