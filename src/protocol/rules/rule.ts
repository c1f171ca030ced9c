/**
 * The interface behind which a commit rule stands: when to vote, what a certificate locks, what it commits, and what
 * must be on the disk before a vote leaves. A rule is pure and keeps nothing. It sees views, never heights.
 */
import type { BlockHash, Tenure, View } from '../numbers.js';
import type { BlockHeader, QuorumCertificate } from '../types.js';

/** A block that a replica holds on to, by its view and hash. */
export interface Lock {
  readonly view: View;
  readonly block: BlockHash;
}

/** What voting needs to know of a proposal whose certificates are verified and whose ancestors are all held. */
export interface ProposalFacts {
  readonly view: View;
  /** Of the certificate for the parent. */
  readonly justifyView: View;
  /** The TC that came with it; `highQcView` is the view of the highest QC that the TC names. */
  readonly tc: { readonly tenure: Tenure; readonly highQcView: View } | null;
  /** Whether that TC enters exactly `view`. */
  readonly tcEntersView: boolean;
  /** Whether the block is the locked one or descends from it. */
  readonly extendsLock: boolean;
}

/** A block, and the view in which it was certified. */
export interface CertifiedBlock {
  readonly view: View;
  readonly block: BlockHash;
  readonly header: BlockHeader;
}

/** Why the voting rule forbids a vote. */
export type RuleRefusal = 'conflictsWithLock' | 'justifyBelowTc';

/** When a replica locks, commits and may vote: one of the two rules that a cluster can have. */
export interface CommitRule {
  readonly name: 'three-chain' | 'two-chain';
  /** How many certified blocks in consecutive views commit the first of them. */
  readonly consecutiveViews: number;
  /** Whether the voted block itself must be on the disk with its body before the vote leaves. */
  readonly voteNeedsBody: boolean;
  /** Whether: why this rule forbids a vote for the proposal, or null when it allows it. */
  voteRefusal(safety: { readonly lock: Lock }, proposal: ProposalFacts): RuleRefusal | null;
  /** Returns what a certificate for this block locks; it replaces only a lock of a lower view. */
  lockAfter(certified: CertifiedBlock): Lock;
  /**
   * Returns the highest block that `qc` commits (all its ancestors with it), or null when `qc` commits none that
   * `headerOf` knows. `headerOf` answers for the last committed block and what is held above it.
   */
  committedBy(qc: QuorumCertificate, headerOf: (hash: BlockHash) => BlockHeader | undefined): BlockHash | null;
  /** Returns the view that the durable high QC must have reached before a vote for the proposal leaves. */
  durableHighQcView(proposal: ProposalFacts, lock: Lock): View;
}
