/** The two kinds of signatures that a simulated cluster may have: keyed hashes, which are fast, and the real ones. */
import type { ClusterConfig } from '../config/cluster.js';
import { createSigner, createVerifier } from '../crypto/ed25519.js';
import { hexToBytes } from '../crypto/hash.js';
import type { Signer, Verifier } from '../crypto/signing.js';
import type { ReplicaId } from '../protocol/numbers.js';
import { hashSigner, hashVerifier } from './hash-signer.js';

/** Keyed hashes, or Ed25519 as in production. */
export type SignatureKind = 'hash' | 'ed25519';

/** `secret`: the replica's Ed25519 secret, of no use for hashes. */
export function simulatedSigner(kind: SignatureKind, id: ReplicaId, secret: Uint8Array): Signer {
  return kind === 'hash' ? hashSigner(id) : createSigner(secret);
}

/** Returns what verifies the signatures of the cluster's replicas, made as `kind` says. */
export function simulatedVerifier(kind: SignatureKind, { replicas }: ClusterConfig): Verifier {
  return kind === 'hash' ? hashVerifier : createVerifier(replicas.map(({ signingKey }) => hexToBytes(signingKey)));
}
