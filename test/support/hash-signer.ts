import { concatBytes, sha256 } from '../../src/crypto/hash.js';
import type { PackedChecks, VerifiedSignatures } from '../../src/crypto/heavy-tasks.js';
import type { Signer, Verifier } from '../../src/crypto/signing.js';
import { asReplicaId, type ReplicaId } from '../../src/protocol/numbers.js';

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

/** What stands for the public key of a replica whose signatures are keyed hashes. */
export function hashPublicKey(id: ReplicaId): Uint8Array {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, id);
  return key;
}

/** What `verifySignatures` of src/crypto does, for keyed hashes. */
export function verifyHashSignatures(input: PackedChecks): VerifiedSignatures {
  const { publicKeys, signatures, messages, messageEnds } = input;
  const bad = [...messageEnds.keys()].filter((index) => {
    const id = asReplicaId(new DataView(publicKeys.buffer, publicKeys.byteOffset).getUint32(32 * index));
    const message = messages.subarray(messageEnds[index - 1] ?? 0, messageEnds[index]);
    return !hashVerifier.verify(id, message, signatures.subarray(64 * index, 64 * (index + 1)));
  });
  return { bad };
}
