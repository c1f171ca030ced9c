/** Which configured replica the other side of a TLS connection proved to be. */
import type { TLSSocket } from 'node:tls';
import type { ClusterConfig } from '../config/cluster.js';
import type { ReplicaId } from '../protocol/numbers.js';

/** An Ed25519 SubjectPublicKeyInfo is 12 fixed bytes and the 32 of the key. */
const KEY_OFFSET = 12;
const SPKI_BYTES = 44;

export type PresentedIdentity =
  | { readonly ok: true; readonly replica: ReplicaId }
  | { readonly ok: false; readonly cause: 'noCertificate' | 'unknownKey' | 'sessionResumed' };

/**
 * Answers who holds the private key of the certificate that came with this connection's handshake.
 * TLS 1.3 proves possession by the signature in CertificateVerify; nothing else in the certificate is believed. A
 * resumed session proves nothing anew and is refused.
 */
export function presentedIdentity(socket: TLSSocket, cluster: ClusterConfig): PresentedIdentity {
  if (socket.isSessionReused()) return { ok: false, cause: 'sessionResumed' };
  const key = presentedKey(socket);
  if (key === null) return { ok: false, cause: 'noCertificate' };
  const replica = cluster.replicas.find((candidate) => candidate.transportKey === key);
  return replica === undefined ? { ok: false, cause: 'unknownKey' } : { ok: true, replica: replica.id };
}

/** 64 lower-case hex digits, or null when there is no certificate or its key is no Ed25519 key. */
function presentedKey(socket: TLSSocket): string | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || certificate.publicKey.asymmetricKeyType !== 'ed25519') return null;
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return spki.length === SPKI_BYTES ? spki.toString('hex', KEY_OFFSET) : null;
}
