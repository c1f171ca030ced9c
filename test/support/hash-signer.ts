import { concatBytes, sha256 } from '../../src/crypto/hash.js';
import type { Signer, Verifier } from '../../src/crypto/signing.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';

/** Keyed hashes in place of signatures: fast, and forgeable by anyone, so for tests only. */
export function hashSigner(id: ReplicaId): Signer {
  return { sign: (message) => signatureOf(id, message) };
}

export const hashVerifier: Verifier = {
  verify: (signer, message, signature) => Buffer.compare(signatureOf(signer, message), signature) === 0,
};

function signatureOf(id: ReplicaId, message: Uint8Array): Uint8Array {
  const key = new TextEncoder().encode(`replica ${id}`);
  return concatBytes(sha256(concatBytes(key, message)), new Uint8Array(32));
}
