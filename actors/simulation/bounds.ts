/** What a replica's counters say of its bounds (S11), and of whom it keeps out. */
import type { Limits } from '../../src/config/limits.js';
import { BRANCHES_KEPT } from '../../src/protocol/block-tree.js';
import type { ActorSystem } from '../../src/runtime/index.js';
import { LANES } from '../../src/runtime/lane.js';
import type { ConsensusCounters } from '../consensus/counters.js';
import type { GatewayCounters } from '../gateway/gateway.js';
import { mailboxFor } from '../mailboxes.js';
import type { NetworkCounters, PeerCounters } from '../network/counters.js';
import type { ProposalGeneratorCounters } from '../proposal-generator/proposal-generator.js';
import type { ReplicaRoles } from '../roles.js';
import type { SyncCounters } from '../sync/sync.js';

/** What the actors of one replica count, and their mailboxes, by role. */
export type ReplicaCounters = ReturnType<ActorSystem<ReplicaRoles>['counters']>;

/** Literal reasons for which one actor refuses anything: some dozens. */
const REFUSALS_MAX = 100;

/** What is held, how much of it, and how much there may be. */
type Held = readonly [what: string, is: number, most: number];

/** Says of each thing that is more than it may be by `limits`, in a cluster of `replicas`, how much it is. */
export function overflows(counters: ReplicaCounters, limits: Limits, replicas: number): readonly string[] {
  const { consensus, network, sync, gateway, proposalGenerator } = counters;
  const held: readonly Held[] = [
    ...(consensus.own === null ? [] : ofConsensus(consensus.own as ConsensusCounters, limits, replicas)),
    ...(network.own === null ? [] : ofNetwork(network.own as NetworkCounters, limits)),
    ...(sync.own === null ? [] : ofSync(sync.own as SyncCounters, limits, replicas)),
    ...(gateway.own === null ? [] : ofGateway(gateway.own as GatewayCounters, limits)),
    ...(proposalGenerator.own === null
      ? []
      : ofGenerator(
          proposalGenerator.own as ProposalGeneratorCounters,
          consensus.own as ConsensusCounters | null,
          limits,
          replicas,
        )),
    ...ofMailboxes(counters, replicas),
  ];
  return held.flatMap(([what, is, most]) => (is > most ? [`${is} ${what}, ${most} at most`] : []));
}

function ofConsensus({ held, refusals }: ConsensusCounters, limits: Limits, replicas: number): readonly Held[] {
  return [
    ['tips of the tree', held.treeTips, Math.max(limits.treeTips, BRANCHES_KEPT)],
    ['bytes of bodies in the tree', held.treeBodyBytes, limits.treeBodyBytes],
    ['waiting proposals', held.pendingProposals, limits.pendingProposals],
    ['bytes of waiting proposals', held.pendingBodyBytes, limits.pendingBodyBytes],
    ['proposals that are remembered', held.seenProposals, limits.seenProposals],
    ['messages with the pool', held.offloadedMessages, replicas * limits.pendingProposals],
    ['bytes of messages with the pool', held.offloadedBodyBytes, limits.pendingBodyBytes],
    ['votes', held.votes, replicas * limits.viewWindow],
    ['Timeouts', held.timeouts, replicas],
    ['signed messages that wait for the disk', held.outbox, limits.outboxMessages],
    ['proofs against one replica', held.proofs, limits.proofsPerReplica],
    ['verified certificates that are remembered', held.verifiedCertificates, limits.certificateCache],
    ['blocks whose verified votes are remembered', held.verifiedVoteBlocks, limits.verifiedVoteBlocks],
    ofRefusals('consensus', refusals),
  ];
}

function ofNetwork({ peers, strangers, refusals }: NetworkCounters, limits: Limits): readonly Held[] {
  return [
    ['strangers', strangers, limits.peerConnections],
    ofRefusals('network', refusals),
    ...peers.flatMap((peer) => ofPeer(peer, limits)),
  ];
}

/** Their names come from fixed sets, and nothing that others sent stands in them. */
function ofRefusals(of: string, refusals: Readonly<Record<string, number>>): Held {
  return [`kinds of refusals that ${of} counts`, Object.keys(refusals).length, REFUSALS_MAX];
}

function ofPeer({ peer, heldBytes, queuedMessages, queuedBytes }: PeerCounters, limits: Limits): readonly Held[] {
  const lanes = Object.values(limits.peerSendLanes);
  // Beside those that wait in a lane there may be one that is begun.
  const messages = lanes.reduce((sum, lane) => sum + lane.messages + 1, 0);
  const bytes = lanes.reduce((sum, lane) => sum + lane.bytes, 0);
  return [
    [`bytes of peer ${peer} without credit`, heldBytes, limits.heldBytes],
    [`messages for peer ${peer}`, queuedMessages, messages],
    [`bytes for peer ${peer}`, queuedBytes, bytes],
  ];
}

function ofSync(counters: SyncCounters, limits: Limits, replicas: number): readonly Held[] {
  // Most of an answer has gone on to consensus when the next look comes: what counts is how much it was.
  const { waitingBlocksMost, customers, reads } = counters;
  return [
    ['fetched blocks that waited', waitingBlocksMost, limits.fetchBlocks],
    ['peers that are served', customers, replicas - 1],
    ['reads for peers', reads, limits.servesAtOnce],
  ];
}

function ofGateway(counters: GatewayCounters, limits: Limits): readonly Held[] {
  const { connections, sessions, waiting, unreadBytes, refusals } = counters;
  return [
    ['connections of clients', connections, limits.clientConnections],
    ['sessions', sessions, limits.clientConnections * limits.attachedClients],
    ['connections that wait', waiting, limits.clientConnections],
    ['bytes that clients have not read', unreadBytes, limits.gatewaySendBytes],
    ofRefusals('gateway', refusals),
  ];
}

function ofGenerator(
  counters: ProposalGeneratorCounters,
  consensus: ConsensusCounters | null,
  limits: Limits,
  replicas: number,
): readonly Held[] {
  const { waiting, backlogBlocks } = counters;
  return [
    ['commands in the pool', waiting, limits.poolCommands + (replicas - 1) * limits.peerPoolCommands],
    ['blocks that wait for the machine', backlogBlocks, backlogMost(consensus, limits, replicas)],
  ];
}

/**
 * Consensus takes in no more once it hears that the machine is behind. Until then whatever is on its way to it may come, a
 * block each of what waits or has arrived, and the batches of fetched blocks that are not settled; and at most these and what
 * was in the tree are committed.
 */
function backlogMost(consensus: ConsensusCounters | null, limits: Limits, replicas: number): number {
  const { executionBacklogBlocks, pendingProposals, fetchBatchBlocks, fetchBatchesAhead, peerCredit } = limits;
  const arrived = replicas * (peerCredit.proposals.messages + pendingProposals);
  const fetched = fetchBatchBlocks * (fetchBatchesAhead + 1);
  return executionBacklogBlocks + arrived + fetched + (consensus?.held.treeBlocksMost ?? 0);
}

function ofMailboxes(counters: ReplicaCounters, replicas: number): readonly Held[] {
  const roles = Object.keys(counters) as (keyof ReplicaRoles)[];
  return roles.flatMap((role) => {
    const { lanes } = mailboxFor(role, replicas);
    return LANES.map((lane): Held => {
      return [`messages in lane ${lane} of ${role}`, counters[role].lanes[lane].highWater, lanes[lane].capacity];
    });
  });
}

/** Client and sequence of the command that it took from a client of its own first, of those that are not done; null without any. */
export function oldestPending({ proposalGenerator }: ReplicaCounters): string | null {
  const oldest = (proposalGenerator.own as ProposalGeneratorCounters | null)?.oldest ?? null;
  return oldest === null ? null : `${oldest.client}/${oldest.sequence}`;
}

/** Peers whose connections are refused for what they have sent. */
export function bannedPeers(counters: ReplicaCounters): readonly number[] {
  return peersIn(counters, 'banned');
}

/** Peers that it is connected to: both have greeted. */
export function readyPeers(counters: ReplicaCounters): readonly number[] {
  return peersIn(counters, 'ready');
}

function peersIn(counters: ReplicaCounters, wanted: PeerCounters['phase']): readonly number[] {
  const network = counters.network.own as NetworkCounters | null;
  return network?.peers.flatMap(({ peer, phase }) => (phase === wanted ? [peer] : [])) ?? [];
}
