/**
 * Work that is worth another thread when there is much of it. Pure functions on plain data: a pool's workers and whoever
 * has no pool call the same ones. They throw nothing, whatever they are given.
 */
import { asReplicaId } from '../protocol/numbers.js';
import { createVerifier } from './ed25519.js';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './ed25519-checks.js';
import { concatBytes, sha256Hex } from './hash.js';

/** The tasks by name: what each is given, and what it answers. */
export type HeavyTasks = {
  readonly hashBodies: { readonly input: Bodies; readonly output: HashedBodies };
  readonly verifySignatures: { readonly input: PackedChecks; readonly output: VerifiedSignatures };
};

/** Bytes to hash, which come back with their hashes: whoever hands them over by transfer holds them no more. */
export interface Bodies {
  readonly bodies: readonly Uint8Array[];
}

/** The same bytes, with their hashes. */
export interface HashedBodies extends Bodies {
  /** SHA-256 of each body, 64 lower-case hex digits. */
  readonly hashes: readonly string[];
}

/** One signature to look at. */
export interface SignatureCheck {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Many checks in three arrays: each array costs a microsecond to clone, whatever its size. */
export interface PackedChecks {
  /** 32 bytes a check. */
  readonly publicKeys: Uint8Array;
  /** 64 bytes a check. */
  readonly signatures: Uint8Array;
  /** One after the other. */
  readonly messages: Uint8Array;
  /** Where each ends. */
  readonly messageEnds: readonly number[];
}

/** What checks came to. */
export interface VerifiedSignatures {
  /** The places of those that do not verify, ascending. */
  readonly bad: readonly number[];
}

/** Hashes each body. */
export function hashBodies({ bodies }: Bodies): HashedBodies {
  return { bodies, hashes: bodies.map(sha256Hex) };
}

/** Tells which signatures do not verify, by the rule of `ed25519-libsodium` (`ed25519.ts`). */
export function verifySignatures({ publicKeys, signatures, messages, messageEnds }: PackedChecks): VerifiedSignatures {
  const bad: number[] = [];
  for (const [index, end] of messageEnds.entries()) {
    const verifier = createVerifier([part(publicKeys, index, PUBLIC_KEY_BYTES)]);
    const message = messages.subarray(messageEnds[index - 1] ?? 0, end);
    if (!verifier.verify(ONLY_SIGNER, message, part(signatures, index, SIGNATURE_BYTES))) bad.push(index);
  }
  return { bad };
}

/** Puts checks together, copied, in their order. A signature of a wrong length becomes one that does not verify. */
export function packChecks(checks: readonly SignatureCheck[]): PackedChecks {
  let end = 0;
  return {
    publicKeys: concatBytes(...checks.map(({ publicKey }) => publicKey)),
    signatures: concatBytes(...checks.map(({ signature }) => ofSignatureLength(signature))),
    messages: concatBytes(...checks.map(({ message }) => message)),
    messageEnds: checks.map(({ message }) => {
      end += message.length;
      return end;
    }),
  };
}

const ONLY_SIGNER = asReplicaId(0);
/** S is above the group's order. */
const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES).fill(0xff);

function ofSignatureLength(signature: Uint8Array): Uint8Array {
  return signature.length === SIGNATURE_BYTES ? signature : NO_SIGNATURE;
}

function part(bytes: Uint8Array, index: number, length: number): Uint8Array {
  return bytes.subarray(index * length, (index + 1) * length);
}
