/**
 * A replica that has gone over to the enemy, in a process of its own: it holds its real keys, greets as it should, and
 * then sends what it is told to, as fast as the sockets take it. See hostile-peer.ts.
 */
import { loadReplicaKeys } from '../../src/adapters/key-files.js';
import { createSockets } from '../../src/adapters/sockets.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { limits } from '../../src/config/limits.js';
import { createSigner } from '../../src/crypto/ed25519.js';
import { silentLogger } from '../../src/logger.js';
import { asReplicaId, type ReplicaId } from '../../src/protocol/numbers.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frames.js';
import { encodeHelloAnswer, ownHello } from '../../src/wire/hello.js';
import { decodePeerMessage } from '../../src/wire/peer-codec.js';
import type { ConnectionId, SocketMessage } from '../../src/wire/sockets.js';
import { type AttackKind, attacks, type Sight } from './attacks.js';
import { endingTurns } from './sockets.js';

export interface HostileStart {
  readonly cluster: ClusterConfig;
  readonly id: number;
  readonly dataDir: string;
}

export type HostileOrder =
  | ({ readonly type: 'start' } & HostileStart)
  | { readonly type: 'attack'; readonly kind: AttackKind; readonly victims: readonly number[] };

/** How many replicas are connected to it. */
export interface HostileReport {
  readonly peers: number;
}

/** Bytes that are with one socket at a time: enough to keep it full, and no hoard. */
const WINDOW_BYTES = 256 * 1024;

interface Victim {
  readonly connection: ConnectionId;
  inFlightBytes: number;
  /** The next frame of the attack; null before it. */
  next: (() => Uint8Array) | null;
}

process.on('disconnect', () => process.exit());
process.once('message', (order: HostileOrder) => {
  if (order.type === 'start') void run(order);
});

async function run({ cluster, id, dataDir }: HostileStart): Promise<void> {
  const self = asReplicaId(id);
  const keys = await loadReplicaKeys(dataDir, cluster, self);
  const victims = new Map<ConnectionId, Victim>();
  const peers = new Map<ConnectionId, ReplicaId>();
  const sight: Sight = { cluster, self, signer: createSigner(keys.signingSecret), proposal: null };

  const port = createSockets({
    side: 'peer',
    cluster,
    self,
    credentials: { certificate: keys.transportCertificate, privateKey: keys.transportKey },
    limits: {
      frameBytesMax: limits.frameBytes,
      connectionsMax: 100,
      handshakesPerAddressMax: 100,
      handshakeTimeoutMs: 5000,
      closeTimeoutMs: 100,
      refusalsLoggedMax: 1,
      refusalLogWindowMs: 1000,
    },
    log: silentLogger,
  })((message, taken) => {
    taken?.();
    hear(message);
    return true;
  });
  const sockets = endingTurns(port);

  function hear(message: SocketMessage): void {
    if (message.type === 'frameReceived') return frameReceived(message.connection, message.frame);
    if (message.type === 'listenFailed') process.exit(1);
    if (message.type === 'connectionOpened' && message.peer !== null) peers.set(message.connection, message.peer);
    if (message.type === 'connectionClosed') {
      victims.delete(message.connection);
      return;
    }
    const victim = message.type === 'transmitted' ? victims.get(message.connection) : undefined;
    if (victim === undefined || message.type !== 'transmitted') return;
    victim.inFlightBytes -= message.bytes;
    // Not at once: a socket that takes all there is would never let us hear anything else.
    setImmediate(flood, victim);
  }

  function frameReceived(connection: ConnectionId, frame: Uint8Array): void {
    const decoded = decodeFrame(frame);
    if (!decoded.ok) return;
    if (decoded.kind === 'hello') return greet(connection);
    if (decoded.kind !== 'message') return;
    const decoding = decodePeerMessage(cluster.clusterId, decoded.payload);
    if (decoding.ok && decoding.message.type === 'proposal') sight.proposal = decoding.message.proposal;
  }

  function greet(connection: ConnectionId): void {
    const answer = encodeHelloAnswer({ accepted: true, hello: ownHello(cluster, self) });
    sockets.perform({ type: 'transmit', connection, frame: encodeFrame('helloAnswer', answer) });
    victims.set(connection, { connection, inFlightBytes: 0, next: null });
    report({ peers: victims.size });
  }

  function flood(victim: Victim): void {
    while (victim.next !== null && victim.inFlightBytes < WINDOW_BYTES) {
      const frame = victim.next();
      victim.inFlightBytes += frame.byteLength;
      sockets.perform({ type: 'transmit', connection: victim.connection, frame });
    }
  }

  setInterval(() => {
    const frame = encodeFrame('keepalive');
    for (const { connection } of victims.values()) sockets.perform({ type: 'transmit', connection, frame });
  }, limits.keepaliveMs);

  process.on('message', (order: HostileOrder) => {
    if (order.type === 'attack') {
      for (const victim of victims.values()) {
        if (!order.victims.includes(peers.get(victim.connection) ?? self)) continue;
        victim.next = attacks[order.kind](sight);
        flood(victim);
      }
    }
  });
  sockets.perform({ type: 'listen' });
}

function report(message: HostileReport): void {
  process.send?.(message);
}
