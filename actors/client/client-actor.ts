/** The client actor of a cluster's configuration, with the bounds that `limits` gives it. */
import type { ClusterConfig } from '../../src/config/cluster.js';
import { limits } from '../../src/config/limits.js';
import { bytesToHex } from '../../src/crypto/hash.js';
import { asClientId } from '../../src/protocol/numbers.js';
import { faultBound } from '../../src/protocol/quorum.js';
import type { Behaviour } from '../../src/runtime/behaviour.js';
import type { RandomSource } from '../../src/runtime/random-source.js';
import { createClientActor } from './client.js';
import type { ClientEffect, ClientMessage } from './messages.js';

/**
 * Sequences that a session spans for each command in flight: one slow command holds its own session only, and the others go
 * on.
 */
const SPAN_PER_OUTSTANDING = 2;
const CLIENT_ID_BYTES = 16;

interface ClientActorParts {
  readonly cluster: ClusterConfig;
  /** See `ClientOptions`. */
  readonly outstandingMax?: number;
  readonly retryMs?: number;
  /** Sequences that the cluster's replicas remember of one client, where that is not what `limits` says. */
  readonly sessionWindow?: number;
  /** Draws the ids of its sessions. */
  readonly random: RandomSource;
}

/** Makes the client actor of a cluster. */
export function clientActorOf({
  cluster,
  outstandingMax = limits.outstandingDefault,
  retryMs,
  sessionWindow = limits.sessionWindow,
  random,
}: ClientActorParts): Behaviour<ClientMessage, ClientEffect> {
  const { clusterId, epoch, replicas, baseTimeoutMs } = cluster;
  const sessions = Math.ceil((outstandingMax * SPAN_PER_OUTSTANDING) / sessionWindow);
  const newClient = () => asClientId(bytesToHex(random.bytes(CLIENT_ID_BYTES)));
  return createClientActor({
    replicas: replicas.map(({ id }) => id),
    faulty: faultBound(replicas.length),
    cluster: { clusterId, epoch, replicas: replicas.length },
    addresses: replicas.map(({ host, clientPort }) => `${host}:${clientPort}`),
    clients: Array.from({ length: sessions }, newClient),
    newClient,
    attachedClientsMax: limits.attachedClients,
    greetingMs: limits.clientGreetingMs,
    backoffMs: limits.clientRedialFirstMs,
    backoffMaxMs: limits.clientRedialLastMs,
    backlogBytesMax: limits.clientBacklogBytes,
    outstandingMax,
    outstandingBytesMax: limits.outstandingBytes,
    sessionWindow,
    frameCommandsMax: sessionWindow,
    frameBytesMax: limits.fragmentBytes - 16 * 1024,
    retryMs: retryMs ?? baseTimeoutMs,
  });
}
