/** What replicas sign and exchange. Plain data: no bytes but bodies and signatures, no behaviour. */
import type { BlockHash, Height, ReplicaId, Tenure, View } from './numbers.js';

/** One replica's signature (64 bytes) inside a certificate. */
export interface SignerSignature {
  readonly signer: ReplicaId;
  readonly signature: Uint8Array;
}

/**
 * Proof that a quorum voted for one block in one view.
 * Signers are distinct and in ascending order; the genesis certificate (view 0) has none.
 * Source: HotStuff, arXiv:1803.05069, section 4.2 (quorum certificate).
 */
export interface QuorumCertificate {
  readonly view: View;
  readonly block: BlockHash;
  readonly signatures: readonly SignerSignature[];
}

/** What a replica signs when it gives up a tenure: that tenure, and the view of its high QC then. */
export interface TimeoutStatement extends SignerSignature {
  readonly tenure: Tenure;
  readonly highQcView: View;
}

/**
 * Proof that a quorum gave up `tenure` or a later one. It enters the first view of `tenure + 1`.
 * Timeouts are in ascending order of signer, each of a tenure ≥ `tenure`; `highQc` is the highest QC they name.
 * Source: Jolteon, arXiv:2106.10362, section 3 (timeout certificate). Departure: it ends a whole tenure, and a
 * Timeout of a later tenure counts for an earlier one (DESIGN section 4, Pacemaker).
 */
export interface TimeoutCertificate {
  readonly tenure: Tenure;
  readonly timeouts: readonly TimeoutStatement[];
  readonly highQc: QuorumCertificate;
}

/** All of a block but its body; what a replica signs names its hash. */
export interface BlockHeader {
  readonly height: Height;
  readonly view: View;
  readonly parent: BlockHash;
  /** Certifies the parent: every block extends exactly the block that its justify certifies. */
  readonly justify: QuorumCertificate;
  readonly proposer: ReplicaId;
  /** SHA-256 of the body, 64 lower-case hex digits. */
  readonly bodyHash: string;
}

/** One block of the chain. */
export interface Block {
  readonly hash: BlockHash;
  readonly header: BlockHeader;
  /** Opaque to the protocol; zero bytes make an empty block. Owned by the block: nobody writes into it. */
  readonly body: Uint8Array;
}

/** A leader's signed block, with the TC that enters its view where the justify does not. */
export interface Proposal {
  readonly block: Block;
  readonly signature: Uint8Array;
  readonly tc: TimeoutCertificate | null;
}

/** One replica's signature under one block in one view; a quorum of them makes a {@link QuorumCertificate}. */
export interface Vote extends SignerSignature {
  readonly view: View;
  readonly block: BlockHash;
}

/** A Timeout as it travels: the signed statement and the certificate of the view that it names. */
export interface Timeout extends TimeoutStatement {
  readonly highQc: QuorumCertificate;
}

/** Certificates sent on their own: a fresh QC, the TC of a new tenure, or the answer to a replica left behind. */
export interface Certificates {
  readonly highQc: QuorumCertificate;
  readonly tc: TimeoutCertificate | null;
}

/** The certificate by which a replica entered its tenure; null in the first one. */
export type TenureEntry =
  | { readonly kind: 'qc'; readonly qc: QuorumCertificate }
  | { readonly kind: 'tc'; readonly tc: TimeoutCertificate };

/**
 * What must survive a crash (DESIGN section 6).
 * `bound`: no vote or proposal at or below it is signed again after a restart.
 * `highQc`: its block and that block's ancestors are in the same store.
 * `entry`: proves the tenure from which views were reserved.
 */
export interface SafetyRecord {
  /** Counts the records of one replica upwards; the larger of two copies is the newer. */
  readonly number: number;
  readonly bound: View;
  readonly highQc: QuorumCertificate;
  readonly entry: TenureEntry | null;
}
