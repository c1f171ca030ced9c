/** Which configured replica the other side of a TLS connection proved to be. */
import type { TLSSocket } from 'node:tls';
import type { ClusterConfig } from '../config/cluster.js';
import { certificatePublicKey } from '../crypto/transport-identity.js';
import type { ReplicaId } from '../protocol/numbers.js';

type PresentedIdentity =
  | { readonly ok: true; readonly replica: ReplicaId }
  | { readonly ok: false; readonly cause: 'noCertificate' | 'unknownKey' | 'sessionResumed' };

/**
 * Answers who holds the private key of the certificate that came with this connection's handshake.
 * TLS 1.3 proves possession by the signature in CertificateVerify; nothing else in the certificate is believed. A
 * resumed session proves nothing anew and is refused.
 */
export function presentedIdentity(socket: TLSSocket, cluster: ClusterConfig): PresentedIdentity {
  if (socket.isSessionReused()) return { ok: false, cause: 'sessionResumed' };
  const certificate = socket.getPeerX509Certificate();
  const key = certificate === undefined ? null : certificatePublicKey(certificate.raw);
  if (key === null) return { ok: false, cause: 'noCertificate' };
  const replica = cluster.replicas.find((candidate) => candidate.transportKey === key);
  return replica === undefined ? { ok: false, cause: 'unknownKey' } : { ok: true, replica: replica.id };
}
