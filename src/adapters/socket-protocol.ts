/** The fixed words of our ws connections, and the TLS settings that both sides share. */
import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { invariant } from '../errors.js';
import type { ReplicaId } from '../protocol/numbers.js';
import type { SocketsOptions, TransportCredentials } from './socket-options.js';

interface ConversationNames {
  readonly path: string;
  readonly subprotocol: string;
}

/** Replicas meet under one path, clients and gateways under another, so that neither is taken for the other. */
export function conversationOf(side: SocketsOptions['side']): ConversationNames {
  return side === 'peer'
    ? { path: '/peer', subprotocol: 'hotstuff.peer' }
    : { path: '/client', subprotocol: 'hotstuff.client' };
}

/** Where a configured replica listens for this conversation. */
export function endpointOf({ cluster, side }: SocketsOptions, replica: ReplicaId): { host: string; port: number } {
  const info = cluster.replicas[replica];
  invariant(info !== undefined, 'only configured replicas have an endpoint');
  return { host: info.host, port: side === 'peer' ? info.peerPort : info.clientPort };
}

/**
 * TLS 1.3 only, Ed25519 certificates only, and no way to resume a session: without tickets Node needs a listener for
 * `resumeSession`, and there is none.
 */
export function tlsSettings(credentials: TransportCredentials | null): SecureContextOptions {
  return {
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    sigalgs: 'ed25519',
    ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
    secureOptions: constants.SSL_OP_NO_TICKET,
    ...(credentials === null ? {} : { cert: credentials.certificate, key: credentials.privateKey }),
  };
}
