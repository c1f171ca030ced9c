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

/** Returns the signer of a replica. Its signatures are as long as real ones, 64 bytes: 16 of a hash, then zeros. */
export function hashSigner(id: ReplicaId): Signer {
  return { sign: (message) => signatureOf(id, message) };
}

/** Verifies what {@link hashSigner} signs, for every replica. */
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

/**
 * Four lanes of a multiplying hash, each with a start of its own, four bytes a step. The length begins it: the bytes that are
 * left over at the end are steps like the words before them.
 */
function signatureOf(id: ReplicaId, message: Uint8Array): Uint8Array {
  let a = 0x9e3779b9 ^ id ^ (message.length << 16);
  let b = 0x85ebca6b + id + message.length;
  let c = 0xc2b2ae35 ^ (id << 7);
  let d = 0x27d4eb2f + (id << 3);
  // Not by a view of its buffer: a small array has none until it is asked for, which costs more than the hash.
  const words = message.length - (message.length % 4);
  for (let at = 0; at < message.length; at += at < words ? 4 : 1) {
    const word = at < words ? wordAt(message, at) : (message[at] as number);
    a = Math.imul(a ^ word, 2654435761);
    b = Math.imul(b + word, 1597334677) ^ (a >>> 15);
    c = Math.imul(c ^ word, 2246822507) ^ (b >>> 13);
    d = Math.imul(d + word, 3266489909) ^ (c >>> 16);
  }
  const signature = new Uint8Array(SIGNATURE_BYTES);
  putWord(signature, 0, a ^ d);
  putWord(signature, 4, b ^ a);
  putWord(signature, 8, c ^ b);
  putWord(signature, 12, d ^ c);
  return signature;
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number);

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word;
  bytes[at + 1] = word >>> 8;
  bytes[at + 2] = word >>> 16;
  bytes[at + 3] = word >>> 24;
}
