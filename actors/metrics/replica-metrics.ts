/** Metrics of consensus and of the commands: what a replica is there for. */
import type { ReplicaPhase } from '../../machines/replica.machine.js';
import { counter, gauge, type Metric, ofReplica, own, ownBy, sampleOf } from './metric.js';

/** Every phase of the replica's statechart. */
export const PHASES: readonly ReplicaPhase[] = ['recovering', 'syncing', 'active', 'draining', 'stopped', 'failed'];

/** Where the replica stands. */
export const STATE_METRICS: readonly Metric[] = [
  gauge(
    'hotstuff_replica_info',
    'Always 1; the label says which replica of its cluster this is.',
    ({ replica }) => (replica === null ? [] : sampleOf(1, { replica: `${replica.id}` })),
    ['replica'],
  ),
  gauge(
    'hotstuff_phase',
    'Phase of the replica: 1 for the present one, 0 for the others.',
    ({ replica }) =>
      replica === null ? [] : PHASES.flatMap((phase) => sampleOf(phase === replica.phase ? 1 : 0, { phase })),
    ['phase'],
  ),
  gauge(
    'hotstuff_view',
    'View that the replica is in.',
    ofReplica(({ view }) => view),
  ),
  gauge(
    'hotstuff_leader',
    'Id of the replica that leads this view.',
    ofReplica(({ leader }) => leader),
  ),
  gauge(
    'hotstuff_committed_height',
    'Height of the last committed block.',
    ofReplica(({ committedHeight }) => committedHeight),
  ),
];

/** What consensus did, and what it holds of what peers can cause. */
export const CONSENSUS_METRICS: readonly Metric[] = [
  counter(
    'hotstuff_views_entered_total',
    'Views entered, by what: qc after a certified block, tc after a timeout, start after a start.',
    ownBy('by', 'consensus', 'viewsEntered'),
    ['by'],
  ),
  counter(
    'hotstuff_blocks_committed_total',
    'Blocks committed since the start, by body: filled with commands, or empty.',
    ownBy('body', 'consensus', 'committed'),
    ['body'],
  ),
  counter(
    'hotstuff_signed_messages_total',
    'Proposals, votes and timeouts that were signed and have left; one signed again counts again.',
    ownBy('kind', 'consensus', 'signed'),
    ['kind'],
  ),
  counter(
    'hotstuff_consensus_refusals_total',
    'Messages of peers that consensus did not act on, by reason.',
    ownBy('reason', 'consensus', 'refusals'),
    ['reason'],
  ),
  counter(
    'hotstuff_evidence_total',
    'Proofs that a replica signed two different votes or proposals in one view, by kind; those of earlier lives that are kept count.',
    ownBy('kind', 'consensus', 'evidence'),
    ['kind'],
  ),
  gauge('hotstuff_tree_blocks', 'Uncommitted blocks held.', own('consensus', 'held.treeBlocks')),
  gauge('hotstuff_tree_body_bytes', 'Bytes of their bodies.', own('consensus', 'held.treeBodyBytes')),
  gauge('hotstuff_tree_tips', 'Uncommitted blocks on which no other stands.', own('consensus', 'held.treeTips')),
  gauge(
    'hotstuff_pending_proposals',
    'Proposals that wait for a missing ancestor.',
    own('consensus', 'held.pendingProposals'),
  ),
  gauge('hotstuff_pending_body_bytes', 'Bytes of their bodies.', own('consensus', 'held.pendingBodyBytes')),
  gauge('hotstuff_held_votes', 'Votes held for views near the present one.', own('consensus', 'held.votes')),
  gauge('hotstuff_held_timeouts', 'Timeouts held, one of a replica at most.', own('consensus', 'held.timeouts')),
  gauge('hotstuff_outbox_messages', 'Signed messages that wait for the disk.', own('consensus', 'held.outbox')),
];

/** Commands, from the pool to their execution. */
export const COMMAND_METRICS: readonly Metric[] = [
  counter(
    'hotstuff_commands_executed_total',
    'Commands that the state machine has executed since the start.',
    own('proposalGenerator', 'executed'),
  ),
  counter(
    'hotstuff_commands_refused_total',
    'Commands of clients that were answered with a refusal.',
    own('proposalGenerator', 'refused'),
  ),
  counter(
    'hotstuff_commands_turned_away_total',
    'Commands that peers forwarded beyond their part of the pool; they keep them, and send them again.',
    own('proposalGenerator', 'turnedAway'),
  ),
  gauge(
    'hotstuff_pool_commands',
    'Commands in the pool that stand in no block on which this replica would build.',
    own('proposalGenerator', 'waiting'),
  ),
  gauge(
    'hotstuff_execution_backlog_blocks',
    'Committed blocks that the state machine has not executed.',
    own('proposalGenerator', 'backlogBlocks'),
  ),
  gauge(
    'hotstuff_execution_backlog_bytes',
    'Bytes of the bodies of these blocks.',
    own('proposalGenerator', 'backlogBytes'),
  ),
];
