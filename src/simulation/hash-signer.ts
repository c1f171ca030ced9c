/**
 * Keyed hashes in place of Ed25519, behind the same interface: real signatures make a simulation many times slower. They are
 * no cryptographic hashes: nobody in a simulation tries to break them. Whoever knows the number of a replica can sign for it, so simulated liars are
 * given only the signers that are theirs.
 */
import { equalBytes } from '../crypto/hash.js';
import type { HeavyTasks } from '../crypto/heavy-tasks.js';
import type { Signer, Verifier } from '../crypto/signing.js';
import { asReplicaId, type ReplicaId } from '../protocol/numbers.js';

const SIGNATURE_BYTES = 64;

export function hashSigner(id: ReplicaId): Signer {
  return { sign: (message) => signatureOf(id, message) };
}

export const hashVerifier: Verifier = {
  verify: (signer, message, signature) => equalBytes(signatureOf(signer, message), signature),
};

/** What stands for the public key of a replica: its number, so that the pool's task below can tell whose it is. */
export function hashPublicKey(id: ReplicaId): Uint8Array {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, id);
  return key;
}

/** What `verifySignatures` of `src/crypto` does, for keyed hashes. */
export function verifyHashSignatures(
  input: HeavyTasks['verifySignatures']['input'],
): HeavyTasks['verifySignatures']['output'] {
  const { publicKeys, signatures, messages, messageEnds } = input;
  const keys = new DataView(publicKeys.buffer, publicKeys.byteOffset);
  const bad = [...messageEnds.keys()].filter((index) => {
    const id = asReplicaId(keys.getUint32(32 * index));
    const message = messages.subarray(messageEnds[index - 1] ?? 0, messageEnds[index]);
    const signature = signatures.subarray(SIGNATURE_BYTES * index, SIGNATURE_BYTES * (index + 1));
    return !hashVerifier.verify(id, message, signature);
  });
  return { bad };
}

/** Four lanes of a multiplying hash, each with a start of its own: some 0.3 µs, a tenth of a SHA-256. */
function signatureOf(id: ReplicaId, message: Uint8Array): Uint8Array {
  let a = 0x9e3779b9 ^ id;
  let b = 0x85ebca6b + id;
  let c = 0xc2b2ae35 ^ (id << 7);
  let d = 0x27d4eb2f + (id << 3);
  for (let index = 0; index < message.length; index += 1) {
    const byte = message[index] as number;
    a = Math.imul(a ^ byte, 2654435761);
    b = Math.imul(b + byte, 1597334677) ^ (a >>> 15);
    c = Math.imul(c ^ byte, 2246822507) ^ (b >>> 13);
    d = Math.imul(d + byte, 3266489909) ^ (c >>> 16);
  }
  const signature = new Uint8Array(SIGNATURE_BYTES);
  const words = new Uint32Array(signature.buffer, 0, 4);
  words.set([a ^ d, b ^ a, c ^ b, d ^ c]);
  return signature;
}
