/**
 * Chained HotStuff's rule, the default: three certified blocks in consecutive views commit the first.
 * Source: HotStuff, arXiv:1803.05069, Alg. 4 (onReceiveProposal, update, onCommit).
 * Departure: the paper fills skipped views with dummy blocks, so that its height is a view and a direct parent one view
 * away. Here nothing is filled in: every comparison is by view, and "direct parent" reads "the view before".
 */
import type { BlockHash, View } from '../numbers.js';
import type { BlockHeader, QuorumCertificate } from '../types.js';
import type { CertifiedBlock, CommitRule, Lock, ProposalFacts, RuleRefusal } from './rule.js';

/**
 * Whether: safe when the block extends the lock, live when its justify is above the lock.
 * Source: Alg. 4 onReceiveProposal, safeNode of Alg. 1.
 */
function voteRefusal(safety: { readonly lock: Lock }, proposal: ProposalFacts): RuleRefusal | null {
  const unlocks = proposal.justifyView > safety.lock.view;
  return proposal.extendsLock || unlocks ? null : 'conflictsWithLock';
}

/** QC(b″) locks its parent b′; genesis has no parent and locks itself. Source: Alg. 4 update, the pre-commit phase. */
function lockAfter({ view, block, header }: CertifiedBlock): Lock {
  if (header.height === 0) return { view, block };
  return { view: header.justify.view, block: header.justify.block };
}

/** b ← b′ ← b″ in consecutive views and QC(b″) commit b. Source: Alg. 4 update, the decide phase. */
function committedBy(qc: QuorumCertificate, headerOf: (hash: BlockHash) => BlockHeader | undefined): BlockHash | null {
  const third = headerOf(qc.block);
  if (third === undefined || third.height < 2 || third.view !== qc.view) return null;
  const second = headerOf(third.justify.block);
  if (second === undefined || third.view !== second.view + 1) return null;
  const first = headerOf(second.justify.block);
  return first !== undefined && second.view === first.view + 1 ? second.justify.block : null;
}

/**
 * The lock on b comes with b″, but QC(b) came one proposal before, with b′: in sequence this is durable already.
 * Why it must be: the block of the durable high QC is the lock after a restart (DESIGN section 6).
 */
function durableHighQcView(_proposal: ProposalFacts, lock: Lock): View {
  return lock.view;
}

/** Chained HotStuff's rule. It locks a certified block's parent; a vote does not wait for its block to be durable. */
export const threeChain: CommitRule = {
  name: 'three-chain',
  consecutiveViews: 3,
  voteNeedsBody: false,
  voteRefusal,
  lockAfter,
  committedBy,
  durableHighQcView,
};
