/**
 * The two libraries behind scheme `ed25519-libsodium`. Neither is called before the byte checks of
 * `ed25519-checks.ts` have passed; on what passes they agree (tested against point arithmetic).
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import type Sodium from 'sodium-native';
import { concatBytes, hexToBytes } from './hash.js';

/** Ed25519 by one library. Keys are 32 bytes, signatures 64; nothing stands in shared memory. */
export interface Ed25519Backend {
  readonly name: 'sodium-native' | 'node:crypto';
  /** The public key, 32 bytes, of a secret one of 32 bytes. */
  publicKeyOf(secretKey: Uint8Array): Uint8Array;
  /** Signs with that key; 64 bytes. */
  signerOf(secretKey: Uint8Array): (message: Uint8Array) => Uint8Array;
  /** Says whether a signature is one of that key. */
  verifierOf(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean;
}

/** Ed25519 by libsodium, or null where its native module has no build for this platform. */
export const sodiumBackend: Ed25519Backend | null = createSodiumBackend(loadSodium());

function createSodiumBackend(sodium: typeof Sodium | null): Ed25519Backend | null {
  if (sodium === null) return null;
  const expand = (secretKey: Uint8Array) => {
    const publicKey = Buffer.alloc(32);
    const expanded = Buffer.alloc(64);
    sodium.crypto_sign_seed_keypair(publicKey, expanded, secretKey as Buffer);
    return { publicKey, expanded };
  };
  return {
    name: 'sodium-native',
    publicKeyOf: (secretKey) => new Uint8Array(expand(secretKey).publicKey),
    signerOf: (secretKey) => {
      const { expanded } = expand(secretKey);
      return (message) => {
        const signature = new Uint8Array(64);
        sodium.crypto_sign_detached(signature as Buffer, message as Buffer, expanded);
        return signature;
      };
    },
    verifierOf: (publicKey) => (message, signature) =>
      sodium.crypto_sign_verify_detached(signature as Buffer, message as Buffer, publicKey as Buffer) === true,
  };
}

/** Loads at run time what an `import` would make a condition of starting at all. */
function loadSodium(): typeof Sodium | null {
  try {
    return createRequire(import.meta.url)('sodium-native');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_DLOPEN_FAILED' || code === 'ADDON_NOT_FOUND') return null;
    throw error;
  }
}

/** The DER forms of a key are a fixed head and the 32 bytes. Source: RFC 8410, sections 4 and 7. */
const PKCS8_HEAD = hexToBytes('302e020100300506032b657004220420');
const SPKI_HEAD = hexToBytes('302a300506032b6570032100');

/** Ed25519 by OpenSSL. */
export const nodeBackend: Ed25519Backend = {
  name: 'node:crypto',
  publicKeyOf: (secretKey) => {
    const spki = createPublicKey(privateKeyObject(secretKey)).export({ format: 'der', type: 'spki' });
    return new Uint8Array(spki.subarray(SPKI_HEAD.length));
  },
  signerOf: (secretKey) => {
    const key = privateKeyObject(secretKey);
    return (message) => new Uint8Array(sign(null, message, key));
  },
  verifierOf: (publicKey) => {
    const key = publicKeyObject(publicKey);
    return (message, signature) => verify(null, message, key, signature);
  },
};

/** Returns node:crypto's form of a 32-byte secret key. */
export function privateKeyObject(secretKey: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(concatBytes(PKCS8_HEAD, secretKey)), format: 'der', type: 'pkcs8' });
}

/** Returns node:crypto's form of a 32-byte public key. */
export function publicKeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(concatBytes(SPKI_HEAD, publicKey)), format: 'der', type: 'spki' });
}
