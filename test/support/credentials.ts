import { randomBytes } from 'node:crypto';
import type { TransportCredentials } from '../../src/adapters/socket-options.js';
import { generateKeyPair } from '../../src/crypto/ed25519.js';
import { bytesToHex } from '../../src/crypto/hash.js';
import { formatSecretKey } from '../../src/crypto/key-pem.js';
import { createTransportCertificate } from '../../src/crypto/transport-certificate.js';

/** A fresh transport key and the certificate that shows it. */
export function makeTestCredentials(): { transportKey: string; credentials: TransportCredentials } {
  const secret = new Uint8Array(randomBytes(32));
  return {
    transportKey: bytesToHex(generateKeyPair(secret).publicKey),
    credentials: { certificate: createTransportCertificate(secret), privateKey: formatSecretKey(secret) },
  };
}
