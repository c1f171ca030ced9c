/** Votes: casting this replica's, and gathering all into certificates. Source: HotStuff, arXiv:1803.05069, Alg. 4. */

import { votesEquivocate } from '../../src/protocol/evidence.js';
import type { ReplicaId, View } from '../../src/protocol/numbers.js';
import { quorumSize } from '../../src/protocol/quorum.js';
import { proposalFacts } from '../../src/protocol/safety.js';
import { nextView } from '../../src/protocol/tenure.js';
import type { Proposal, Vote } from '../../src/protocol/types.js';
import { hasUncommittedWork, learnQc } from './certificates.js';
import {
  answerBehind,
  broadcast,
  type ConsensusContext,
  currentTenure,
  leaderAt,
  leads,
  mayLead,
  tenureAt,
} from './context.js';
import { keepEvidence } from './kept-evidence.js';
import type { Refusal } from './peer-refusals.js';

/**
 * Votes for a proposal whose block and ancestors are held, unless a rule refuses. The vote goes to the leader of the
 * next view and, where that is another replica, to the leader of this one too: a dead next leader must not cost the
 * certificate (BeeGees, arXiv:2205.11652, shows what it costs otherwise).
 */
export function voteFor(context: ConsensusContext, proposal: Proposal): void {
  const { tree, safety, durability, settings } = context;
  const { block } = proposal;
  const { view, proposer } = block.header;
  if (view !== context.view || leaderAt(context, view) !== proposer) return;
  const extendsLock = tree.extends(block.hash, safety.state.lock.block);
  const facts = proposalFacts(proposal, { tenureLength: settings.tenureLength, extendsLock });
  if (safety.voteRefusal(facts) !== null) return;
  const signed = safety.vote(block.hash, facts);
  settings.verifier.trustVote(signed.message.vote);
  durability.reserve(view);
  durability.hold(signed.needs, signed.view, signed.message);
}

/** Who gathers the votes of a view: the leader of the next one, and its own. */
export function collectorsOf(context: ConsensusContext, view: View): readonly ReplicaId[] {
  const next = leaderAt(context, nextView(view));
  const own = leaderAt(context, view);
  return next === own ? [next] : [next, own];
}

/** Whether a correct replica may take this one for a collector of a view's votes: it may have committed more, or less. */
function mayCollect(context: ConsensusContext, view: View): boolean {
  const { id } = context.settings;
  return mayLead(context, id, nextView(view)) || mayLead(context, id, view);
}

/** Takes in a peer's vote; answers why not, or null. */
export function receiveVote(context: ConsensusContext, from: ReplicaId, vote: Vote): Refusal | null {
  const { votes, refusals, settings, view } = context;
  if (vote.signer !== from) return 'notItsSender';
  if (tenureAt(context, vote.view) < currentTenure(context)) answerBehind(context, from);
  if (!mayCollect(context, vote.view)) return 'notForUs';
  if (refusals.excluded(from, view)) return 'excluded';
  const screening = votes.screen(vote);
  if (screening === 'outsideWindow') return vote.view < view ? 'stale' : 'tooFarAhead';
  if (screening === 'excluded') return 'excluded';
  if (screening === 'duplicate' || screening === 'notAMember') return 'duplicate';
  if (screening === 'new' && isSpent(context, vote)) {
    votes.setAside(vote);
    return 'stale';
  }
  if (!settings.verifier.vote(vote)) {
    votes.exclude(from, vote.view);
    return 'badSignature';
  }
  if (screening === 'conflicting') return recordConflict(context, vote);
  collectVote(context, vote);
  return null;
}

/** Whether a vote's view has its certificate and this replica has no proposal to come that the vote could strengthen. */
function isSpent(context: ConsensusContext, vote: Vote): boolean {
  const { safety, heldQc, view } = context;
  if (vote.view > safety.state.highQc.view) return false;
  return !(vote.view === heldQc.view && leads(context, view) && safety.mayPropose(view));
}

/** The earlier vote may not have been looked at yet. It came from its signer itself, who answers for what it says. */
function recordConflict(context: ConsensusContext, vote: Vote): Refusal {
  const { votes, settings } = context;
  const earlier = votes.conflictOf(vote);
  votes.exclude(vote.signer, vote.view);
  if (earlier === null || !settings.verifier.vote(earlier)) return 'badSignature';
  const proof = votesEquivocate(earlier, vote);
  if (proof !== null) keepEvidence(context, proof);
  return 'equivocation';
}

/**
 * Counts a verified vote, the own one included. Whoever completes the certificate sends it to all where another replica
 * proposes next, which may be dead, and where it ends the work at hand: the next proposal comes a heartbeat later, and
 * followers should learn at once what is committed. Otherwise that proposal carries it: at once where there is work; and
 * who is idle misses nothing by learning of an empty block's certificate a heartbeat late.
 */
export function collectVote(context: ConsensusContext, vote: Vote): void {
  const { votes, settings } = context;
  if (votes.screen(vote) !== 'new') return;
  votes.add(vote);
  if (votes.votesFor(vote.view, vote.block).length !== quorumSize(settings.replicas)) return;
  const qc = votes.certificate(vote.view, vote.block);
  if (qc === null) return;
  settings.verifier.trust(qc);
  const worked = hasUncommittedWork(context);
  learnQc(context, qc);
  const proposesNext = leaderAt(context, nextView(vote.view)) === settings.id;
  if (!proposesNext || (worked && !hasUncommittedWork(context))) {
    broadcast(context, { type: 'certificates', certificates: { highQc: qc, tc: null } });
  }
}
