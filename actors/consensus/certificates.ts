/**
 * Certificates take one path however they are learnt (DESIGN section 4): high QC, then lock and commit if the blocks are
 * held, then the view that they enter. Everything here is given verified certificates.
 */
import { invariant } from '../../src/errors.js';
import { entersView } from '../../src/protocol/certificates.js';
import { asView, type BlockHash } from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate, TenureEntry, TimeoutCertificate } from '../../src/protocol/types.js';
import {
  broadcast,
  type ConsensusContext,
  certificatesHere,
  currentTenure,
  entryTc,
  leaderAt,
  sendTo,
  tcEnters,
  tenureAt,
} from './context.js';
import type { ViewEntry } from './tally.js';

/** Takes over what `qc` proves. A certificate whose block is missing raises the high QC only, and the block is asked for. */
export function learnQc(context: ConsensusContext, qc: QuorumCertificate): void {
  const known = context.safety.state.highQc.view;
  context.safety.raiseHighQc(qc);
  if (context.tree.has(qc.block)) applyQc(context, qc);
  else if (qc.view > context.tree.committed.header.view) askFor(context, qc, qc.view > known);
  enterView(context, { kind: 'qc', qc });
}

/** Takes over what `tc` proves: the highest QC that it names, and the end of its tenure. */
export function learnTc(context: ConsensusContext, tc: TimeoutCertificate): void {
  learnQc(context, tc.highQc);
  enterView(context, { kind: 'tc', tc });
}

/** Lock, commit and durable high QC of a certificate whose block is held. Source: HotStuff, Alg. 4 update. */
export function applyQc(context: ConsensusContext, qc: QuorumCertificate): void {
  const { tree, lives, safety, durability, settings } = context;
  const header = tree.get(qc.block)?.header;
  if (header === undefined) return;
  if (qc.view > context.heldQc.view) {
    context.heldQc = qc;
    durability.raiseHighQc(qc);
  }
  lives.certified(qc.block);
  safety.raiseLock(settings.rule.lockAfter({ view: qc.view, block: qc.block, header }));
  const target = settings.rule.committedBy(qc, (hash) => tree.get(hash)?.header);
  if (target !== null && (tree.get(target)?.header.view ?? 0) > tree.committed.header.view) commit(context, target);
}

function commit(context: ConsensusContext, target: BlockHash): void {
  const { committed, abandoned } = context.tree.commit(target);
  const last = committed.at(-1);
  if (last === undefined) return;
  context.lives.decided(committed);
  for (const { header } of committed) context.history.committed(header);
  for (const block of committed) context.tally.committed[isNonEmpty(block) ? 'filled' : 'empty'] += 1;
  context.durability.writeCommitted(committed);
  context.seen.dropThrough(last.header.view);
  context.pending.dropThrough(last.header.view);
  context.effects.push(
    { type: 'send', to: 'proposalGenerator', message: { type: 'blocksCommitted', blocks: committed } },
    {
      type: 'send',
      to: 'pacemaker',
      message: { type: 'blockCommitted', height: last.header.height, view: last.header.view },
    },
    { type: 'send', to: 'replica', message: { type: 'blocksCommitted', blocks: committed } },
  );
  abandon(context, abandoned);
}

/** Gives up blocks that have left the tree: their commands go back to the pool, and their bytes leave the disk. */
export function abandon({ lives, durability, effects }: ConsensusContext, hashes: readonly BlockHash[]): void {
  if (hashes.length === 0) return;
  lives.abandoned(hashes);
  durability.writeAbandoned(hashes);
  effects.push({ type: 'send', to: 'proposalGenerator', message: { type: 'blocksAbandoned', hashes } });
}

/**
 * Asks for a certified block that is not held, and for what is missing below it. Meanwhile one of a higher view takes its
 * turn where its certificate is news; one that was known, and that {@link askForParent} has put off, waits for its turn.
 */
function askFor(context: ConsensusContext, qc: QuorumCertificate, isNews: boolean): void {
  const { missing } = context;
  if (missing === null) tellWhetherBehind(context, true);
  else if (missing.view >= qc.view || !isNews) return;
  ask(context, qc);
}

/**
 * Asks first for what the leader of the present view builds on. The block of a higher certificate may be lost: where votes
 * do not wait for it to be on a disk, a quorum certifies it and crashes, and who knows the certificate alone would look for
 * it for ever. The leader has what it builds on, and this replica's vote may be the one that is needed. No leader of ill
 * will keeps the higher block away by what nobody has: only in the first view of its tenure may it build on anything but
 * the certificate of the view before, and {@link askForHighest} takes the turn back in the next.
 */
export function askForParent(context: ConsensusContext): void {
  const { missing, pending, tree, view } = context;
  if (missing === null) return;
  const parent = pending.missingBelow(view, tree, missing.block);
  if (parent !== null) ask(context, parent);
}

/** Once a quarter of the view timer: where the proposal of the present view lacks nothing, the highest certificate has its turn. */
export function askForHighest(context: ConsensusContext): void {
  const { missing, pending, tree, view } = context;
  const highest = highestMissing(context);
  if (missing === null || highest === null || highest.view <= missing.view) return;
  if (pending.missingBelow(view, tree) === null) ask(context, highest);
}

function highestMissing({ safety, tree }: ConsensusContext): QuorumCertificate | null {
  const { highQc } = safety.state;
  return tree.has(highQc.block) || highQc.view <= tree.committed.header.view ? null : highQc;
}

function ask(context: ConsensusContext, qc: QuorumCertificate): void {
  context.missing = qc;
  const { header, hash } = context.tree.committed;
  context.effects.push({
    type: 'send',
    to: 'sync',
    message: {
      type: 'ancestorsMissing',
      certificate: qc,
      committedHeight: header.height,
      committedHash: hash,
      from: qc.signatures.map(({ signer }) => signer).filter((signer) => signer !== context.settings.id),
    },
  });
}

function tellWhetherBehind(context: ConsensusContext, behind: boolean): void {
  context.effects.push({ type: 'send', to: 'replica', message: { type: 'syncChanged', behind } });
}

/**
 * Stops asking once the missing block has arrived, by whatever way, and tells sync how far the committed chain reaches
 * where that is owed: each batch of fetched blocks is answered once, and none while the machine is too far behind, so
 * that no more are fetched. What was put off meanwhile is next: the parent of the present view's proposal, the block of the
 * highest certificate, the parent of any other proposal that still waits.
 */
export function settleMissing(context: ConsensusContext): void {
  const { missing, tree } = context;
  const settled = missing !== null && (tree.has(missing.block) || missing.view <= tree.committed.header.view);
  if (settled) {
    context.missing = null;
    context.settlementsOwed = Math.max(1, context.settlementsOwed);
  }
  answerSync(context);
  if (!settled) return;
  const { pending, view } = context;
  const next = pending.missingBelow(view, tree) ?? highestMissing(context) ?? pending.highestMissingParent(tree);
  if (next === null) tellWhetherBehind(context, false);
  else ask(context, next);
}

function answerSync(context: ConsensusContext): void {
  if (context.settlementsOwed === 0 || context.executionBehind) return;
  const { header, hash } = context.tree.committed;
  const missing = context.missing !== null;
  const settled = {
    type: 'ancestorsSettled',
    committedHeight: header.height,
    committedHash: hash,
    missing,
  } as const;
  for (; context.settlementsOwed > 0; context.settlementsOwed -= 1) {
    context.effects.push({ type: 'send', to: 'sync', message: settled });
  }
}

/**
 * Enters the view that `entry` enters, unless it is behind. A QC for view v enters v+1; a TC for tenure k enters the
 * first view of tenure k+1. Source: Jolteon, section 3 (advance round); departure: a TC skips the rest of its tenure.
 */
function enterView(context: ConsensusContext, entry: TenureEntry): void {
  const view = entersView(entry, context.settings.tenureLength);
  if (view <= context.view) return;
  const tenure = tenureAt(context, view);
  const newTenure = tenure > currentTenure(context);
  context.view = view;
  if (newTenure) {
    context.entry = entry;
    context.durability.enterTenure(entry);
    context.timeouts.advance(tenure);
    context.timeoutsUnjudged = true;
  }
  // one view back is kept: later votes for it still go into the certificate of the next proposal
  context.votes.advance(asView(view - 1));
  if (context.proposing !== null && context.proposing.view < view) context.proposing = null;
  context.entered = strongerEntry(context.entered, entry.kind);
}

/** A tenure ended by a TC must not be hidden by a QC that came with it. */
function strongerEntry(before: ViewEntry | null, now: 'qc' | 'tc'): ViewEntry {
  return before === 'tc' ? 'tc' : now;
}

/**
 * Tells those who need to know, once a message, that a view was entered, or that a commit has decided upon another leader
 * for the view that this replica is in; and reserves views ahead.
 */
export function announceView(context: ConsensusContext): void {
  const { announced, view, settings } = context;
  const tenure = currentTenure(context);
  const leader = leaderAt(context, view);
  const anotherLeads = announced?.tenure === tenure && announced.leader !== leader;
  const by = context.entered ?? (anotherLeads ? 'commit' : null);
  if (by === null) return;
  context.entered = null;
  if (by !== 'commit') context.tally.viewsEntered[by] += 1;
  const leading = leader === settings.id;
  const unfinished = hasUncommittedWork(context);
  reserveAhead(context, unfinished);
  if ((by === 'tc' || (by === 'commit' && tcEnters(context, entryTc(context), view))) && !leading)
    sendTo(context, leader, { type: 'certificates', certificates: certificatesHere(context) });
  if (anotherLeads) followAnother(context, leading);
  if (tenure !== announced?.tenure || anotherLeads) {
    context.announced = { tenure, leader };
    context.effects.push({
      type: 'send',
      to: 'proposalGenerator',
      message: {
        type: 'leaderChanged',
        leader,
        tenure,
        leading,
        view,
        uncommitted: leading ? branchInHand(context) : [],
      },
    });
  }
  context.effects.push(
    { type: 'send', to: 'pacemaker', message: { type: 'viewEntered', view, tenure, leader, leading, by, unfinished } },
    { type: 'send', to: 'gateway', message: { type: 'viewEntered', view, leader } },
    { type: 'send', to: 'network', message: { type: 'viewEntered', view, leader } },
    { type: 'send', to: 'replica', message: { type: 'viewEntered', view, leader } },
  );
}

/** The tenure has another leader than was thought: who was taken for it proposes no more, and the other may have resigned. */
function followAnother(context: ConsensusContext, leading: boolean): void {
  if (!leading) context.proposing = null;
  context.timeoutsUnjudged = true;
}

/**
 * Sends the TC that entered this view to all: whoever entered by it and saw no proposal cannot know who lacks it. In a
 * later view of the tenure a quorum has voted in it, and knows.
 */
export function spreadEntry(context: ConsensusContext): void {
  if (!tcEnters(context, entryTc(context), context.view)) return;
  broadcast(context, { type: 'certificates', certificates: certificatesHere(context) });
}

/**
 * A commit keeps what descends from it, as each certified block of a higher view does, since no two blocks that conflict
 * are certified above a committed one; what makes room in a full tree, and what a start reads, keep its branch, too.
 */
export const HELD_STAYS = 'the block of the highest certificate that is held stays in the tree';

/** The uncommitted blocks that this replica's next one would stand on, oldest first. */
export function branchInHand({ tree, heldQc }: ConsensusContext): readonly BlockHash[] {
  const branch = tree.branch(heldQc.block);
  invariant(branch !== null, HELD_STAYS);
  return branch.map(({ hash }) => hash);
}

/** Whether a non-empty block on the branch that this replica would propose on is not committed yet. */
export function hasUncommittedWork(context: ConsensusContext): boolean {
  return context.tree.branch(context.heldQc.block)?.some(isNonEmpty) ?? false;
}

function isNonEmpty(block: Block): boolean {
  return block.body.length > 0;
}

/**
 * While there is work one record covers many views; while idle only the next, so that a restart loses nothing. Nothing is
 * reserved where a restart forbids to sign anyway: each life would push the bound further away; nor while stopping, when
 * an own vote that the disk sets free may still enter a view: the bound was settled.
 */
function reserveAhead({ view, durability, safety, settings, stopping }: ConsensusContext, busy: boolean): void {
  if (stopping || view <= safety.state.recoveredBound) return;
  const enough = busy ? view + settings.reserveViews / 2 : view;
  if (durability.bound < enough) durability.reserve(asView(view + (busy ? settings.reserveViews : 1)));
}
