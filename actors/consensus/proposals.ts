/** Proposals of other replicas, and blocks however they come. Source: HotStuff, arXiv:1803.05069, Alg. 4. */

import type { InsertResult } from '../../src/protocol/block-tree.js';
import { proposalsEquivocate, signedHeaderOf } from '../../src/protocol/evidence.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { Block, Certificates, Proposal, QuorumCertificate } from '../../src/protocol/types.js';
import { abandon, applyQc, askForParent, learnQc, learnTc } from './certificates.js';
import { checkElsewhere } from './check-elsewhere.js';
import {
  answerBehind,
  type ConsensusContext,
  currentTenure,
  leaderAt,
  mayLead,
  tcEnters,
  tenureAt,
} from './context.js';
import { keepEvidence } from './kept-evidence.js';
import type { CertifiedMessage } from './offloaded-checks.js';
import type { Refusal } from './peer-refusals.js';
import { voteFor } from './votes.js';

/**
 * Takes in a peer's proposal: the cheap checks, then the signatures, then its certificates, and only then whether its
 * proposer leads (what is committed may decide that), whether its block can be held, and the vote. Answers why not.
 */
export function receiveProposal(context: ConsensusContext, from: ReplicaId, proposal: Proposal): Refusal | null {
  const early = screen(context, from, proposal);
  if (early !== null) return early;
  const message = { type: 'proposalReceived', from, proposal } as const;
  if (context.checks.checksProposalOf(from)) return waitForOneBefore(context, message);
  if (!context.settings.verifier.proposal(proposal)) {
    context.refusals.exclude(from, context.view);
    return 'badSignature';
  }
  if (checkElsewhere(context, message, { qc: proposal.block.header.justify, tc: proposal.tc })) return null;
  const unproved = verify(context, proposal);
  if (unproved !== null) {
    context.refusals.exclude(from, context.view);
    return unproved;
  }
  learnQc(context, proposal.block.header.justify);
  if (proposal.tc !== null) learnTc(context, proposal.tc);
  const refusal = admit(context, proposal);
  if (refusal !== null && UNCALLED_FOR.has(refusal)) context.refusals.exclude(from, context.view);
  return refusal;
}

function waitForOneBefore(context: ConsensusContext, message: CertifiedMessage): Refusal | null {
  if (!context.checks.hasRoomFor(message)) return 'poolFull';
  context.checks.wait(message);
  return null;
}

/** What no correct replica signs: it costs a signature check to see, and so is looked at once a view. */
const UNCALLED_FOR: ReadonlySet<Refusal> = new Set(['notTheLeader', 'viewNotEntered']);

/** What can be told without a signature check. */
function screen(context: ConsensusContext, from: ReplicaId, proposal: Proposal): Refusal | null {
  const { header, hash, body } = proposal.block;
  if (header.proposer !== from) return 'notItsSender';
  if (context.executionBehind) return 'executionBehind';
  if (tenureAt(context, header.view) < currentTenure(context)) answerBehind(context, from);
  if (header.view <= context.tree.committed.header.view) return 'stale';
  if (context.refusals.excluded(from, context.view)) return 'excluded';
  if (header.parent !== header.justify.block || header.view <= header.justify.view) return 'badHeader';
  if (body.length > context.settings.limits.bodyBytes) return 'bodyTooLarge';
  if (isSetAside(context, from, proposal)) return 'leaderUnsettled';
  return context.seen.get(header.view)?.hash === hash ? voteAgain(context, hash) : null;
}

/** The leader sends its proposal again because votes for it are missing: ours may be the one. */
function voteAgain(context: ConsensusContext, hash: Block['hash']): Refusal {
  const last = context.safety.lastVote;
  if (last?.message.vote.block === hash) context.durability.hold(last.needs, last.view, last.message);
  return 'duplicate';
}

function verify({ settings }: ConsensusContext, proposal: Proposal): Refusal | null {
  const { verifier } = settings;
  if (!verifier.qc(proposal.block.header.justify)) return 'badCertificate';
  return proposal.tc === null || verifier.tc(proposal.tc) ? null : 'badCertificate';
}

function admit(context: ConsensusContext, proposal: Proposal): Refusal | null {
  const { block, tc } = proposal;
  const { view, justify, proposer } = block.header;
  if (leaderAt(context, view) !== proposer && !isCertified(context, block)) return strangeLeader(context, proposal);
  const entered = view === justify.view + 1 || tcEnters(context, tc, view);
  if (!entered) return 'viewNotEntered';
  const earlier = context.seen.get(view);
  const header = signedHeaderOf(proposal);
  const proof = earlier === undefined ? null : proposalsEquivocate(earlier, header);
  if (proof !== null) {
    keepEvidence(context, proof);
    context.refusals.exclude(proposer, context.view);
    return 'equivocation';
  }
  context.seen.add(view, header);
  return hold(context, proposal);
}

/** A certified block is taken in whoever proposed it: a quorum knew who led. */
function isCertified({ safety, missing }: ConsensusContext, { hash }: Block): boolean {
  return hash === safety.state.highQc.block || hash === missing?.block;
}

/**
 * One that another history may make the leader is as correct as this replica: it is not held against it. What it proposes
 * is looked at again once this replica has moved, or committed more.
 */
function strangeLeader(context: ConsensusContext, { block }: Proposal): Refusal {
  const { view, proposer } = block.header;
  if (!mayLead(context, proposer, view)) return 'notTheLeader';
  context.refusals.setAside(proposer, stateOfLeaders(context));
  return 'leaderUnsettled';
}

/** Changes with whatever may change who leads the present view. */
function stateOfLeaders({ view, history }: ConsensusContext): string {
  return `${view}/${history.view}`;
}

/** Whether a proposal of this peer was refused for its proposer in this state of things, and this one brings nothing new. */
function isSetAside(context: ConsensusContext, from: ReplicaId, { block, tc }: Proposal): boolean {
  if (!context.refusals.isSetAside(from, stateOfLeaders(context))) return false;
  const newTc = tc !== null && tc.tenure >= currentTenure(context);
  return !newTc && block.header.justify.view <= context.safety.state.highQc.view && !isCertified(context, block);
}

/** Puts the block into the tree and votes, or keeps the proposal until its parent has arrived. */
function hold(context: ConsensusContext, proposal: Proposal): Refusal | null {
  switch (takeIn(context, proposal)) {
    case 'inserted':
    case 'known':
      admitPending(context);
      return null;
    case 'orphan':
      return keepPending(context, proposal);
    case 'heavy':
    case 'full':
    case 'crowded':
      return 'treeFull';
    case 'belowCommitted':
      return 'stale';
    case 'notAChild':
      return 'badHeader';
  }
}

/** Puts the block into the tree where it fits, takes over its certificate, which the parent may have waited for, and votes. */
function takeIn(context: ConsensusContext, proposal: Proposal): InsertResult {
  const { block } = proposal;
  // First what its certificate commits, as the proposer did: only then is the branch as long here as it was there.
  applyQc(context, block.header.justify);
  const outcome = addBlock(context, block);
  if (outcome === 'inserted' || outcome === 'known') voteFor(context, proposal);
  else if (outcome === 'heavy' || outcome === 'full') context.seen.forget(block.header.view);
  return outcome;
}

/** What gives way is not seen, so that it can come again. */
function keepPending(context: ConsensusContext, proposal: Proposal): Refusal | null {
  const gaveWay = context.pending.add(proposal);
  for (const { block } of gaveWay) context.seen.forget(block.header.view);
  askForParent(context);
  return gaveWay.length > 0 ? 'poolFull' : null;
}

/** Takes in the proposals whose parent has arrived, in a loop, lest a long chain of them fill the stack. */
function admitPending(context: ConsensusContext): void {
  const { pending, tree } = context;
  for (let ready = pending.takeReady(tree); ready.length > 0; ready = pending.takeReady(tree)) {
    for (const proposal of ready) takeIn(context, proposal);
  }
}

/** Puts a block into the tree, has it written, and takes over what is known about it. */
export function addBlock(context: ConsensusContext, block: Block): InsertResult {
  return added(context, block, insert(context, block));
}

function added(context: ConsensusContext, block: Block, outcome: InsertResult): InsertResult {
  if (outcome !== 'inserted') return outcome;
  context.lives.proposed(block);
  context.durability.writeBlock(block);
  context.effects.push({ type: 'send', to: 'proposalGenerator', message: { type: 'blockAdded', block } });
  const { highQc } = context.safety.state;
  if (highQc.block === block.hash) applyQc(context, highQc);
  return outcome;
}

/**
 * Where the tree is full, blocks that nothing builds on make room; should one be certified yet, it is fetched. The block
 * of the last vote stays: the vote may have promised that it is on the disk. What is left are the branches that must be kept
 * (`protocol/block-tree.ts`), and a tip beside them is never too many.
 */
function insert(context: ConsensusContext, block: Block): InsertResult {
  const { tree, safety, heldQc } = context;
  const outcome = tree.insert(block);
  if (outcome !== 'full' && outcome !== 'crowded') return outcome;
  const tips = [heldQc.block, safety.state.lock.block, block.header.parent];
  if (safety.lastVote !== null) tips.push(safety.lastVote.message.vote.block);
  abandon(context, tree.retain(tips));
  const again = tree.insert(block);
  return again === 'crowded' ? tree.insertBeyond(block) : again;
}

/**
 * Takes over fetched blocks: linked by hash, the last one certified, so that every certificate inside them was checked
 * by the quorum that certified what stands above it.
 */
export function receiveAncestors(
  context: ConsensusContext,
  blocks: readonly Block[],
  certificate: QuorumCertificate,
): void {
  context.settlementsOwed += 1;
  for (const block of blocks) {
    if (block.header.view <= context.tree.committed.header.view) continue;
    const { justify } = block.header;
    context.settings.verifier.trust(justify);
    learnQc(context, justify);
    const outcome = insert(context, block);
    const refused = outcome === 'heavy' || outcome === 'full';
    // A quorum stands behind it: who serves it cannot have made it up.
    const settled = added(context, block, refused ? context.tree.insertBeyond(block) : outcome);
    if (settled !== 'inserted' && settled !== 'known') break;
  }
  learnQc(context, certificate);
  admitPending(context);
}

/** Takes in certificates that came alone; answers why not, or null. */
export function receiveCertificates(
  context: ConsensusContext,
  from: ReplicaId,
  { highQc, tc }: Certificates,
): Refusal | null {
  const { refusals, safety, settings } = context;
  const newQc = highQc.view > safety.state.highQc.view;
  const newTc = tc !== null && tc.tenure >= currentTenure(context);
  if (!newQc && !newTc) return 'stale';
  if (refusals.excluded(from, context.view)) return 'excluded';
  const message = { type: 'certificatesReceived', from, certificates: { highQc, tc } } as const;
  if (checkElsewhere(context, message, { qc: newQc ? highQc : null, tc: newTc ? tc : null })) return null;
  if ((newQc && !settings.verifier.qc(highQc)) || (newTc && !settings.verifier.tc(tc))) {
    refusals.exclude(from, context.view);
    return 'badCertificate';
  }
  if (newQc) learnQc(context, highQc);
  if (newTc) learnTc(context, tc);
  return null;
}
