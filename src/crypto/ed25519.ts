/**
 * Signature scheme `ed25519-libsodium`: Ed25519 as libsodium verifies it, which is the rule of the cluster. Libraries
 * differ on crafted signatures, and a cluster whose replicas differ on one is split (DESIGN section 4).
 *
 * A signature is 64 bytes with S < L; the public key A and R are canonical and not of small order; the equation is
 * the one without cofactor. sodium-native checks one in 65 µs, node:crypto, the fallback where the native module does
 * not load, in 150 µs.
 */

import { invariant } from '../errors.js';
import type { ReplicaId } from '../protocol/numbers.js';
import { type Ed25519Backend, nodeBackend, sodiumBackend } from './ed25519-backends.js';
import { acceptablePoint, acceptableSignature, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES } from './ed25519-checks.js';
import type { Signer, Verifier } from './signing.js';

/** The backend of this process: sodium-native where it loads, else node:crypto. */
export const ed25519Backend: Ed25519Backend = sodiumBackend ?? nodeBackend;

/** A secret key (the 32-byte seed of RFC 8032) and its public key (32 bytes). */
export interface KeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Returns the key pair of a 32-byte seed, which comes from a source of randomness that the caller names. */
export function generateKeyPair(seed: Uint8Array): KeyPair {
  invariant(seed.length === SECRET_KEY_BYTES, 'an Ed25519 seed is 32 bytes');
  const secretKey = seed.slice();
  return { secretKey, publicKey: ed25519Backend.publicKeyOf(secretKey) };
}

/** Returns a signer that holds `secretKey`, 32 bytes. Equal messages give equal signatures. */
export function createSigner(secretKey: Uint8Array, backend = ed25519Backend): Signer {
  invariant(secretKey.length === SECRET_KEY_BYTES, 'an Ed25519 secret key is 32 bytes');
  const sign = backend.signerOf(secretKey.slice());
  return { sign: (message) => sign(unshared(message)) };
}

/**
 * Returns a verifier that knows the public keys (32 bytes each) of replicas 0 .. n−1.
 * A key that is not canonical or of small order verifies nothing.
 */
export function createVerifier(publicKeys: readonly Uint8Array[], backend = ed25519Backend): Verifier {
  const checks = publicKeys.map((key) => (isAcceptableKey(key) ? backend.verifierOf(key.slice()) : null));
  return {
    verify(signer: ReplicaId, message: Uint8Array, signature: Uint8Array): boolean {
      const check = checks[signer] ?? null;
      return check !== null && acceptableSignature(signature) && check(unshared(message), unshared(signature));
    },
  };
}

/** Tells whether 32 bytes may be a public key in this scheme; whether they name a point shows when it verifies. */
export function isAcceptableKey(publicKey: Uint8Array): boolean {
  return publicKey.length === PUBLIC_KEY_BYTES && acceptablePoint(publicKey);
}

/** sodium-native answers nothing at all for shared memory: what stands there is copied first. */
function unshared(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
}
