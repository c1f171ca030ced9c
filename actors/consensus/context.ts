import type { BlockTree } from '../../src/protocol/block-tree.js';
import { entersView } from '../../src/protocol/certificates.js';
import type { CommittedActivity } from '../../src/protocol/committed-activity.js';
import type { EvidenceStore } from '../../src/protocol/evidence.js';
import { asView, type BlockHash, type ReplicaId, type Tenure, type View } from '../../src/protocol/numbers.js';
import { tenureOf } from '../../src/protocol/tenure.js';
import type { TimeoutCollector } from '../../src/protocol/timeout-collector.js';
import type { Certificates, QuorumCertificate, TenureEntry, TimeoutCertificate } from '../../src/protocol/types.js';
import type { VoteCollector } from '../../src/protocol/vote-collector.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import type { ConsensusEffect } from '../roles.js';
import type { BlockLives } from './block-lives.js';
import type { Durability } from './durability.js';
import type { OffloadedChecks } from './offloaded-checks.js';
import type { PeerRefusals } from './peer-refusals.js';
import type { PendingProposals } from './pending-proposals.js';
import type { SafetyModule, SignedMessage } from './safety-module.js';
import type { SeenProposals } from './seen-proposals.js';
import type { ConsensusSettings } from './settings.js';
import type { ConsensusTally, ViewEntry } from './tally.js';
import type { TimeoutAllowance } from './timeout-allowance.js';

/**
 * Everything that consensus knows, once storage has told what it held. The modules beside this one are functions over
 * it; one message is handled at a time, and the effects of all of them are gathered here in order.
 */
export interface ConsensusContext {
  readonly settings: ConsensusSettings;
  readonly tree: BlockTree;
  readonly lives: BlockLives;
  /** What the leader schedule knows of the committed blocks. */
  readonly history: CommittedActivity;
  readonly safety: SafetyModule;
  readonly durability: Durability<SignedMessage>;
  readonly votes: VoteCollector;
  readonly timeouts: TimeoutCollector;
  readonly evidence: EvidenceStore;
  readonly refusals: PeerRefusals;
  readonly tally: ConsensusTally;

  view: View;
  /** The certificate by which the present tenure was entered; null in the first tenure. */
  entry: TenureEntry | null;
  /** The highest QC whose block and ancestors are held: what this replica would propose on. */
  heldQc: QuorumCertificate;
  /** A certified block that is missing and was asked for. */
  missing: QuorumCertificate | null;
  readonly pending: PendingProposals;
  readonly seen: SeenProposals;
  /** Messages whose certificates the pool looks at. */
  readonly checks: OffloadedChecks;
  /** A proposal of our own that waits for its body or its parent. */
  proposing: Proposing | null;
  /**
   * The machine is too far behind what is committed: no proposal is taken in or made, and fetched blocks are not answered,
   * so that no more are committed. Timeouts and certificates go on; what was missed meanwhile is fetched.
   */
  executionBehind: boolean;
  /** Held blocks, and their views, of which the pacemaker wants to hear whether they are certified. */
  readonly watched: Map<BlockHash, View>;
  /** Batches of fetched blocks that sync has not been answered for. */
  settlementsOwed: number;
  /** The tenure, and its leader, that the other actors were last told; null before the first. */
  announced: { readonly tenure: Tenure; readonly leader: ReplicaId } | null;
  /** Set when a view was entered while the present message was handled. */
  entered: ViewEntry | null;
  readonly answeredAt: Map<ReplicaId, number>;
  readonly timeoutAllowance: TimeoutAllowance;
  /** A Timeout has come, or a tenure was entered, and what the held Timeouts amount to has not been looked at since. */
  timeoutsUnjudged: boolean;
  /** A stop was asked for: nothing is signed any more, and nothing reserved for it. */
  stopping: boolean;
  now: number;
  effects: ConsensusEffect[];
}

/** `parent` null: waits for the block of the highest QC. */
export interface Proposing {
  readonly view: View;
  readonly body: 'empty' | 'next';
  readonly parent: BlockHash | null;
}

/** Returns the tenure to which a view belongs. */
export function tenureAt(context: ConsensusContext, view: View): Tenure {
  return tenureOf(view, context.settings.tenureLength);
}

/** Returns the tenure of the view in which this replica is. */
export function currentTenure(context: ConsensusContext): Tenure {
  return tenureAt(context, context.view);
}

/** The leader of a view, as far as what is committed tells. Everybody who asks who leads asks here. */
export function leaderAt(context: ConsensusContext, view: View): ReplicaId {
  return context.settings.schedule.leaderOf(tenureAt(context, view), context.history);
}

/** Whether a correct replica, which may have committed more or less, can take `replica` for the leader of a view. */
export function mayLead(context: ConsensusContext, replica: ReplicaId, view: View): boolean {
  return context.settings.schedule.mayLead(replica, tenureAt(context, view), context.history);
}

/** Whether this replica leads a view, as far as what it has committed tells. */
export function leads(context: ConsensusContext, view: View): boolean {
  return leaderAt(context, view) === context.settings.id;
}

/** The TC that entered the present tenure, or null when a QC did. */
export function entryTc(context: ConsensusContext): TimeoutCertificate | null {
  return context.entry?.kind === 'tc' ? context.entry.tc : null;
}

/** Whether `tc` enters exactly `view`. */
export function tcEnters(context: ConsensusContext, tc: TimeoutCertificate | null, view: View): boolean {
  return tc !== null && entersView({ kind: 'tc', tc }, context.settings.tenureLength) === view;
}

/** The first view of all. Genesis stands in view 0, and its certificate enters this one. */
export const FIRST_VIEW = asView(1);

/** Has a message sent to one peer, with the effects of this turn. What must be durable before it is so by now. */
export function sendTo(context: ConsensusContext, to: ReplicaId, message: PeerMessage): void {
  context.effects.push({ type: 'send', to: 'network', message: { type: 'sendTo', to, message } });
}

/** Has a message sent to all peers, with the effects of this turn. What must be durable before it is so by now. */
export function broadcast(context: ConsensusContext, message: PeerMessage): void {
  context.effects.push({ type: 'send', to: 'network', message: { type: 'broadcast', message } });
}

/** The highest QC, and the TC by which the tenure was entered: enough to bring any replica here. */
export function certificatesHere(context: ConsensusContext): Certificates {
  return { highQc: context.safety.state.highQc, tc: entryTc(context) };
}

/** Answers a message of a lower tenure, at a limited rate, with the certificates that prove this one. */
export function answerBehind(context: ConsensusContext, to: ReplicaId): void {
  const last = context.answeredAt.get(to);
  if (last !== undefined && context.now - last < context.settings.answerIntervalMs) return;
  context.answeredAt.set(to, context.now);
  sendTo(context, to, { type: 'certificates', certificates: certificatesHere(context) });
}
