/**
 * Jolteon's rule: two certified blocks in consecutive views commit the first.
 * Source: Jolteon, arXiv:2106.10362, section 3. It is live only with TCs that carry the highest QC (a two-phase
 * HotStuff without them has a hidden lock, arXiv:2310.09006), and safe only because a replica that has signed a
 * Timeout votes for nothing that the Timeout could skip.
 * Departure: a TC ends a tenure of many views, so a Timeout bars the whole tenure and not one round.
 */
import type { BlockHash, View } from '../numbers.js';
import type { BlockHeader, QuorumCertificate } from '../types.js';
import type { CertifiedBlock, CommitRule, Lock, ProposalFacts, RuleRefusal } from './rule.js';

/**
 * Whether: a block right after its justify is safe; after a TC its justify must be as high as any that the TC names.
 * The lock does not bind votes; it binds Timeouts, which name no QC below it. Source: section 3, "Vote".
 */
function voteRefusal(_safety: { readonly lock: Lock }, proposal: ProposalFacts): RuleRefusal | null {
  if (proposal.view === proposal.justifyView + 1) return null;
  const reachesTc = proposal.tc !== null && proposal.tc.highQcView <= proposal.justifyView;
  return reachesTc ? null : 'justifyBelowTc';
}

/** The lock is the high QC itself. Source: section 3, "Lock". */
function lockAfter({ view, block }: CertifiedBlock): Lock {
  return { view, block };
}

/** b ← b′ in consecutive views and QC(b′) commit b. Source: section 3, "Commit". */
function committedBy(qc: QuorumCertificate, headerOf: (hash: BlockHash) => BlockHeader | undefined): BlockHash | null {
  const second = headerOf(qc.block);
  if (second === undefined || second.height < 1 || second.view !== qc.view) return null;
  const first = headerOf(second.justify.block);
  return first !== undefined && second.view === first.view + 1 ? second.justify.block : null;
}

/**
 * The justify itself must be durable: the vote may complete QC(b′) and with it commit b, and the Timeouts that
 * this replica signs after a restart must then name QC(b) or a higher one (DESIGN section 6).
 */
function durableHighQcView(proposal: ProposalFacts, _lock: Lock): View {
  return proposal.justifyView;
}

/** Jolteon's rule. It locks a certified block itself, and a vote waits until its block is on the disk with its body. */
export const twoChain: CommitRule = {
  name: 'two-chain',
  consecutiveViews: 2,
  voteNeedsBody: true,
  voteRefusal,
  lockAfter,
  committedBy,
  durableHighQcView,
};
