/** The two faces of a signature scheme that the rest of the code sees. The simulator hands in others. */
import type { ReplicaId } from '../protocol/numbers.js';

/** Holds one replica's secret signing key. Only the safety module of consensus calls it. */
export interface Signer {
  /** 64 bytes over `message`. */
  sign(message: Uint8Array): Uint8Array;
}

/** Knows the cluster's public signing keys. */
export interface Verifier {
  /** False, never a throw, for a signer outside the cluster, a wrong length, or a signature that does not verify. */
  verify(signer: ReplicaId, message: Uint8Array, signature: Uint8Array): boolean;
}
