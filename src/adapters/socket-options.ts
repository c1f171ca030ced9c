/** What a host of sockets is told once, when it is made. */
import type { ClusterConfig } from '../config/cluster.js';
import type { Logger } from '../logger.js';
import type { ReplicaId } from '../protocol/numbers.js';

/** Bounds on what strangers can make this process hold. */
export interface SocketLimits {
  /** The largest frame that is read; a longer one closes the connection. */
  readonly frameBytesMax: number;
  /** Connections accepted at a time, greeted or not. */
  readonly connectionsMax: number;
  /** Accepted connections of one address that have not finished TLS and the upgrade to ws. */
  readonly handshakesPerAddressMax: number;
  /** From the first byte of TCP to the end of the upgrade. */
  readonly handshakeTimeoutMs: number;
  /** How long a closing connection may take to flush and to answer. */
  readonly closeTimeoutMs: number;
  /** Refused connections that are logged in one window of so many milliseconds, each cause of each address once. */
  readonly refusalsLoggedMax: number;
  readonly refusalLogWindowMs: number;
}

/** A transport key and the self-signed certificate that shows it, both PEM. */
export interface TransportCredentials {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What `createSockets` takes. */
export interface SocketsOptions {
  /** `peer`: between replicas, both sides prove their key. `gateway` listens for clients; `client` dials gateways. */
  readonly side: 'peer' | 'gateway' | 'client';
  readonly cluster: ClusterConfig;
  /** Whose ports these are; null for a client. */
  readonly self: ReplicaId | null;
  /** Null for a client, and on a plain transport. */
  readonly credentials: TransportCredentials | null;
  readonly limits: SocketLimits;
  readonly log: Logger;
  /** Told of every connection that ended before `connectionOpened`; the log has each cause of each address once. */
  readonly onRefused?: (refusal: SocketRefusal) => void;
}

/** Why an accepted connection was closed before it was told of. */
export type RefusalCause =
  | 'tooManyConnections'
  | 'acceptFailed'
  | 'tooManyHandshakes'
  | 'handshakeTimeout'
  | 'hungUp'
  | 'tlsFailed'
  | 'notAnUpgrade'
  | 'malformedRequest'
  | 'wrongPath'
  | 'wrongSubprotocol'
  | 'noCertificate'
  | 'unknownKey'
  | 'sessionResumed';

/** A connection that was closed before it was told of. */
export interface SocketRefusal {
  readonly cause: RefusalCause;
  readonly address: string;
}
