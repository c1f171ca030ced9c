/** Starting a life from what storage held (DESIGN section 6). */
import { BlockTree } from '../../src/protocol/block-tree.js';
import { entersView } from '../../src/protocol/certificates.js';
import type { CommittedActivity } from '../../src/protocol/committed-activity.js';
import { EvidenceStore } from '../../src/protocol/evidence.js';
import { asView, type View } from '../../src/protocol/numbers.js';
import { recoverSafety } from '../../src/protocol/safety.js';
import { TimeoutCollector } from '../../src/protocol/timeout-collector.js';
import type { QuorumCertificate, SafetyRecord } from '../../src/protocol/types.js';
import { VoteCollector } from '../../src/protocol/vote-collector.js';
import { genesisQc } from '../../src/wire/block.js';
import { BlockLives } from './block-lives.js';
import { applyQc } from './certificates.js';
import { type ConsensusContext, FIRST_VIEW, tenureAt } from './context.js';
import { Durability } from './durability.js';
import type { RecoveredStore } from './messages.js';
import { OffloadedChecks } from './offloaded-checks.js';
import { PeerRefusals } from './peer-refusals.js';
import { PendingProposals } from './pending-proposals.js';
import { SafetyModule } from './safety-module.js';
import { SeenProposals } from './seen-proposals.js';
import type { ConsensusSettings } from './settings.js';
import { newTally } from './tally.js';
import { TimeoutAllowance } from './timeout-allowance.js';

/**
 * Builds consensus from the store: the lock is the block of the durable high QC, the view follows the later of high QC and
 * entry, and everything up to the bound counts as signed. `history` is of the store's committed blocks.
 */
export function recover(
  settings: ConsensusSettings,
  store: RecoveredStore,
  history: CommittedActivity,
): ConsensusContext {
  const { replicas, limits, clusterId, genesis } = settings;
  const record = store.record ?? firstRecord(genesisQc(clusterId));
  const tree = new BlockTree(store.committed, { tipsMax: limits.treeTips, bodyBytesMax: limits.treeBodyBytes });
  const lives = new BlockLives(store.committed, settings.blockChart);
  // Storage has left out what there is no room for; the rest an earlier life held, and a new one can hold no less.
  for (const block of store.uncommitted) if (tree.insertBeyond(block) === 'inserted') lives.proposed(block);
  const view = recoveredView(settings, record);
  const context: ConsensusContext = {
    settings,
    tree,
    lives,
    history,
    safety: new SafetyModule(settings, recoverSafety(store.record, genesis)),
    durability: new Durability(record, limits.outboxMessages),
    votes: new VoteCollector({ replicas, window: limits.viewWindow }),
    timeouts: new TimeoutCollector({ replicas }),
    evidence: new EvidenceStore({ replicas, proofsPerReplica: limits.proofsPerReplica, kept: store.evidence }),
    refusals: new PeerRefusals(settings.log),
    tally: newTally(),
    view,
    entry: record.entry,
    heldQc: record.highQc,
    missing: null,
    pending: new PendingProposals({
      proposalsMax: limits.pendingProposals,
      bodyBytesMax: limits.pendingBodyBytes,
    }),
    seen: new SeenProposals(limits.seenProposals),
    checks: new OffloadedChecks({
      messagesPerPeer: limits.pendingProposals,
      bodyBytes: limits.pendingBodyBytes,
    }),
    proposing: null,
    executionBehind: false,
    watched: new Map(),
    settlementsOwed: 0,
    announced: null,
    entered: 'start',
    answeredAt: new Map(),
    timeoutAllowance: new TimeoutAllowance(limits.timeoutsPerInterval, settings.answerIntervalMs),
    timeoutsUnjudged: false,
    stopping: false,
    now: 0,
    effects: [],
  };
  context.votes.advance(asView(view - 1));
  context.timeouts.advance(tenureAt(context, view));
  return context;
}

/** Tells the others what was recovered, and takes over what the recovered certificates prove once more. */
export function announceRecovery(context: ConsensusContext): void {
  const certified = context.tree.branch(context.heldQc.block) ?? [];
  // Above the certified ones, too: what an earlier life received may be certified by a certificate that is still to come.
  for (const block of context.tree.uncommitted)
    context.effects.push({ type: 'send', to: 'proposalGenerator', message: { type: 'blockAdded', block } });
  for (const block of certified) applyQc(context, block.header.justify);
  applyQc(context, context.heldQc);
}

function firstRecord(highQc: QuorumCertificate): SafetyRecord {
  return { number: 0, bound: asView(0), highQc, entry: null };
}

function recoveredView({ tenureLength }: ConsensusSettings, { highQc, entry }: SafetyRecord): View {
  const byQc = entersView({ kind: 'qc', qc: highQc }, tenureLength);
  const byEntry = entry === null ? FIRST_VIEW : entersView(entry, tenureLength);
  return asView(Math.max(byQc, byEntry));
}
