/**
 * The safety state of one replica: what it has signed, and what that binds it to. Predicates (`…Refusal`) say
 * whether something may be signed; steps say what has changed once it is. Every signature of a replica over a
 * proposal, vote or Timeout goes through here, the timeout path included, and what leaves here waits until the
 * record of DESIGN section 6 that covers it is durable.
 */
import { invariant } from '../errors.js';
import { entersView, genesisCertificate } from './certificates.js';
import { asTenure, asView, type BlockHash, type Tenure, type View } from './numbers.js';
import type { CommitRule, Lock, ProposalFacts, RuleRefusal } from './rules/rule.js';
import { lastViewOf, tenureOf } from './tenure.js';
import type { Proposal, QuorumCertificate, SafetyRecord } from './types.js';

/** The tenure given up by a replica that has given up none. */
export const NO_TENURE: Tenure = asTenure(-1);

/** What a replica has signed and seen, as far as it decides what it may sign next. */
export interface SafetyState {
  /** The highest view voted in (the paper's vheight); after a restart the recovered bound. */
  readonly votedView: View;
  /** The highest view proposed in; after a restart the recovered bound. */
  readonly proposedView: View;
  /** The highest tenure for which a Timeout was signed in this life, {@link NO_TENURE} for none. */
  readonly timedOutTenure: Tenure;
  /** The bound of the record that this life started from; it does not move. 0 on a new store. */
  readonly recoveredBound: View;
  /** Never above the high QC. */
  readonly lock: Lock;
  /** The highest certificate known; its block may be missing. */
  readonly highQc: QuorumCertificate;
}

/** Why a replica signs neither vote nor proposal for a view. */
export type SigningRefusal = 'staleView' | 'tenureGivenUp';
/** Why a replica does not vote for a proposal. */
export type VoteRefusal = SigningRefusal | 'viewNotEntered' | RuleRefusal;
/** Why a replica does not sign a Timeout. */
export type TimeoutRefusal = 'laterTenureGivenUp' | 'belowBound';

/** Returns the facts of a proposal; whether it extends the lock is for the block tree to say. */
export function proposalFacts(
  { block, tc }: Pick<Proposal, 'block' | 'tc'>,
  { tenureLength, extendsLock }: { readonly tenureLength: number; readonly extendsLock: boolean },
): ProposalFacts {
  const { view, justify } = block.header;
  return {
    view,
    justifyView: justify.view,
    tc: tc === null ? null : { tenure: tc.tenure, highQcView: tc.highQc.view },
    tcEntersView: tc !== null && entersView({ kind: 'tc', tc }, tenureLength) === view,
    extendsLock,
  };
}

/**
 * Whether: why this replica must not vote for the proposal, or null when it may. That the proposer leads the tenure,
 * that certificates verify and that all ancestors are held is checked before.
 * Source: HotStuff, arXiv:1803.05069, Alg. 4 onReceiveProposal (one vote a view, safeNode); Jolteon,
 * arXiv:2106.10362, section 3 (no vote after a Timeout). Departure: a view must have been entered by the certificates
 * that the proposal carries; without it two correct replicas could be made to vote in views far apart at will.
 */
export function voteRefusal(
  safety: SafetyState,
  rule: CommitRule,
  proposal: ProposalFacts,
  tenureLength: number,
): VoteRefusal | null {
  const refusal = signingRefusal(safety, safety.votedView, proposal.view, tenureLength);
  if (refusal !== null) return refusal;
  const entered = proposal.view === proposal.justifyView + 1 || proposal.tcEntersView;
  return entered ? rule.voteRefusal(safety, proposal) : 'viewNotEntered';
}

/**
 * What: vote. The justify comes first: a two-chain replica that voted with a lower high QC could sign a
 * Timeout that hides the certificate on which its vote has helped to commit.
 */
export function castVote(
  safety: SafetyState,
  rule: CommitRule,
  proposal: ProposalFacts,
  tenureLength: number,
): SafetyState {
  invariant(voteRefusal(safety, rule, proposal, tenureLength) === null, 'a vote is cast only where none is refused');
  invariant(safety.highQc.view >= proposal.justifyView, 'the justify is processed before the vote is decided');
  return { ...safety, votedView: proposal.view };
}

/** Whether: why this replica must not sign a proposal for `view`, or null when it may. At most one a view. */
export function proposalRefusal(safety: SafetyState, view: View, tenureLength: number): SigningRefusal | null {
  return signingRefusal(safety, safety.proposedView, view, tenureLength);
}

/** What: propose in `view`. */
export function recordProposal(safety: SafetyState, view: View, tenureLength: number): SafetyState {
  invariant(proposalRefusal(safety, view, tenureLength) === null, 'a proposal is signed only where none is refused');
  return { ...safety, proposedView: view };
}

/**
 * Whether: why this replica must not sign a Timeout for `tenure`, or null when it may. The same tenure may be signed
 * for again, since a Timeout that is sent again may name a newer QC. After a restart nothing is signed at or below
 * the bound except Timeouts of tenures that end there or above; {@link tenureToGiveUp} names one.
 */
export function timeoutRefusal(safety: SafetyState, tenure: Tenure, tenureLength: number): TimeoutRefusal | null {
  if (tenure < safety.timedOutTenure) return 'laterTenureGivenUp';
  return lastViewOf(tenure, tenureLength) < safety.recoveredBound ? 'belowBound' : null;
}

/**
 * What: give up `tenure`. From here on nothing of this tenure or an earlier one is voted for or proposed: a TC skips
 * the rest of the tenure, and whoever could still vote there would help a fork. The Timeout names `highQc`.
 * Source: Jolteon, arXiv:2106.10362, section 3, "Timeout". Departure: a whole tenure instead of one round.
 */
export function recordTimeout(safety: SafetyState, tenure: Tenure, tenureLength: number): SafetyState {
  invariant(timeoutRefusal(safety, tenure, tenureLength) === null, 'a Timeout is signed only where none is refused');
  invariant(safety.highQc.view >= safety.lock.view, 'a Timeout names no certificate below the lock');
  return { ...safety, timedOutTenure: tenure };
}

/**
 * Returns the tenure that a replica in `current` gives up when its time is over: `current`, or the one in which its
 * recovered bound lies where that is later. A Timeout of a later tenure counts for the current one too.
 */
export function tenureToGiveUp(safety: SafetyState, current: Tenure, tenureLength: number): Tenure {
  return asTenure(Math.max(current, safety.timedOutTenure, tenureOf(safety.recoveredBound, tenureLength)));
}

/** What: learn a certificate. The state is the same object when `qc` is no higher than the high QC. */
export function raiseHighQc(safety: SafetyState, qc: QuorumCertificate): SafetyState {
  return qc.view > safety.highQc.view ? { ...safety, highQc: qc } : safety;
}

/** What: lock. The state is the same object when `lock` is of no higher view; the high QC is raised first. */
export function raiseLock(safety: SafetyState, lock: Lock): SafetyState {
  invariant(lock.view <= safety.highQc.view, 'the high QC is raised before the lock');
  return lock.view > safety.lock.view ? { ...safety, lock } : safety;
}

/**
 * Returns the state to start a life with, from the durable record or, on a new store, from nothing.
 * What was signed is not in the record, so all up to the bound counts as signed. The lock is the block of the durable
 * high QC: perhaps stricter than the lost one, never weaker, since no vote left before that QC had reached the
 * lock's view (DESIGN section 6).
 */
export function recoverSafety(record: SafetyRecord | null, genesis: BlockHash): SafetyState {
  const bound = record?.bound ?? asView(0);
  const highQc = record?.highQc ?? genesisCertificate(genesis);
  return {
    votedView: bound,
    proposedView: bound,
    timedOutTenure: NO_TENURE,
    recoveredBound: bound,
    lock: { view: highQc.view, block: highQc.block },
    highQc,
  };
}

function signingRefusal(
  safety: SafetyState,
  signedView: View,
  view: View,
  tenureLength: number,
): SigningRefusal | null {
  if (view <= signedView) return 'staleView';
  return tenureOf(view, tenureLength) <= safety.timedOutTenure ? 'tenureGivenUp' : null;
}
