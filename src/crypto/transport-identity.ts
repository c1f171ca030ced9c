/**
 * The identity of a replica towards other machines: a self-signed Ed25519 certificate for its transport key.
 *
 * Peers compare the certificate's public key with the one in the cluster configuration and nothing else: no name, no
 * issuer, no date (a wrong clock must not part a cluster). The dates are fixed, and far enough apart for TLS
 * libraries that look at them anyway; equal keys give equal certificates.
 */
import { X509Certificate } from 'node:crypto';
import { bytesToHex } from './hash.js';

/**
 * Returns the raw public key (64 lower-case hex digits) in a certificate (PEM, or DER as `getPeerCertificate().raw`
 * gives it), or null when it is no certificate or its key is not Ed25519. Never throws, whatever a peer sends.
 */
export function certificatePublicKey(certificate: string | Uint8Array): string | null {
  const parsed = parseCertificate(certificate);
  const key = parsed?.publicKey;
  if (key?.asymmetricKeyType !== 'ed25519') return null;
  const spki = key.export({ format: 'der', type: 'spki' });
  return bytesToHex(spki.subarray(spki.length - 32));
}

function parseCertificate(certificate: string | Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(certificate);
  } catch {
    // Whatever OpenSSL finds wrong with a peer's bytes, it has one name here.
    return null;
  }
}
