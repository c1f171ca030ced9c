/** Proposing, where this replica leads. Source: HotStuff, arXiv:1803.05069, Alg. 4 onPropose and Alg. 5. */

import { invariant } from '../../src/errors.js';
import { signedHeaderOf } from '../../src/protocol/evidence.js';
import { asHeight, type View } from '../../src/protocol/numbers.js';
import type { QuorumCertificate, TimeoutCertificate } from '../../src/protocol/types.js';
import { makeBlock } from '../../src/wire/block.js';
import { branchInHand, HELD_STAYS, spreadEntry } from './certificates.js';
import { type ConsensusContext, entryTc, leads, tcEnters } from './context.js';
import type { ConsensusMessage } from './messages.js';
import { addBlock } from './proposals.js';
import { voteFor } from './votes.js';

type BodyReady = Extract<ConsensusMessage, { type: 'bodyReady' }>;

const EMPTY_BODY = new Uint8Array(0);

/** The pacemaker's word to propose in the present view, with an empty body or with the next one. */
export function proposeNow(context: ConsensusContext, view: View, body: 'empty' | 'next'): void {
  if (view !== context.view || !leads(context, view) || !context.safety.mayPropose(view)) return;
  context.proposing = { view, body, parent: null };
  if (context.heldQc.view >= context.safety.state.highQc.view) wantBody(context);
  // otherwise the block of the highest QC is on its way; see blockArrived and resend
}

/** A block has come that a waiting proposal may have waited for. */
export function blockArrived(context: ConsensusContext): void {
  const waits = context.proposing !== null && context.proposing.parent === null;
  if (waits && context.heldQc.view >= context.safety.state.highQc.view) wantBody(context);
}

/** Asks for the body of a block on the highest certified block that is held; an empty one needs no asking. */
function wantBody(context: ConsensusContext): void {
  const { proposing, heldQc } = context;
  if (proposing === null) return;
  if (context.executionBehind) {
    context.proposing = { ...proposing, parent: null };
    return;
  }
  if (justifiedBy(context, proposing.view) === null) return;
  context.proposing = { ...proposing, parent: heldQc.block };
  if (proposing.body === 'empty') return propose(context, proposing.view, EMPTY_BODY);
  const uncommitted = branchInHand(context);
  context.effects.push({
    type: 'send',
    to: 'proposalGenerator',
    message: { type: 'bodyWanted', view: proposing.view, parent: heldQc.block, uncommitted },
  });
}

/** The proposal generator's answer; one that was overtaken is dropped, its commands were never taken out of the pool. */
export function bodyReady(context: ConsensusContext, { view, parent, body, bodyHash }: BodyReady): void {
  const { proposing } = context;
  if (proposing === null || proposing.view !== view || proposing.parent !== parent) return;
  if (parent !== context.heldQc.block) return wantBody(context);
  propose(context, view, body, bodyHash);
}

/**
 * What justifies a block in `view` on the highest certified block that is held: nothing more where that certificate
 * enters the view, otherwise the TC that does. Null when neither does: then the missing block must come first.
 */
function justifiedBy(
  context: ConsensusContext,
  view: View,
): { readonly justify: QuorumCertificate; readonly tc: TimeoutCertificate | null } | null {
  const justify = context.votes.strengthened(context.heldQc);
  if (justify.view + 1 === view) return { justify, tc: null };
  const tc = entryTc(context);
  return tcEnters(context, tc, view) ? { justify, tc } : null;
}

function propose(context: ConsensusContext, view: View, body: Uint8Array, bodyHash?: string): void {
  const { safety, durability, settings, tree } = context;
  context.proposing = null;
  const justified = justifiedBy(context, view);
  const parent = tree.get(context.heldQc.block);
  invariant(parent !== undefined, HELD_STAYS);
  if (justified === null || !safety.mayPropose(view)) return;
  const header = {
    height: asHeight(parent.header.height + 1),
    view,
    parent: parent.hash,
    justify: justified.justify,
    proposer: settings.id,
  };
  let block = makeBlock(settings.clusterId, header, body, bodyHash);
  let outcome = addBlock(context, block);
  if (outcome === 'heavy' || outcome === 'full') {
    // Followers would refuse the body, too. Its commands wait on; an empty block always fits, and what it commits makes room.
    block = makeBlock(settings.clusterId, header, EMPTY_BODY);
    outcome = addBlock(context, block);
  }
  if (outcome !== 'inserted') return;
  const signed = safety.propose(block, justified.tc);
  durability.reserve(view);
  durability.hold(signed.needs, signed.view, signed.message);
  context.seen.add(view, signedHeaderOf(signed.message.proposal));
  const { hash } = block;
  context.effects.push({
    type: 'send',
    to: 'pacemaker',
    message: { type: 'blockProposed', view, height: header.height, hash },
  });
  voteFor(context, signed.message.proposal);
}

/**
 * A quarter of the view timer has passed in `view`: sends again what may have been lost, and proposes on what is held
 * where the block of the highest QC cannot be got.
 */
export function resend(context: ConsensusContext, view: View): void {
  const { safety, durability, proposing } = context;
  if (view !== context.view) return;
  if (proposing !== null && proposing.parent === null) wantBody(context);
  for (const signed of [safety.lastProposal, safety.lastVote]) {
    if (signed?.view === view) durability.hold(signed.needs, signed.view, signed.message);
  }
  if (!context.seen.has(view)) spreadEntry(context);
}
