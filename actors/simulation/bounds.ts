/** What a replica's counters say of its bounds, and of whom it keeps out. */
import { limits } from '../../src/config/limits.js';
import type { ActorSystem } from '../../src/runtime/index.js';
import type { ConsensusCounters } from '../consensus/counters.js';
import type { NetworkCounters } from '../network/counters.js';
import type { ReplicaRoles } from '../roles.js';

export type ReplicaCounters = ReturnType<ActorSystem<ReplicaRoles>['counters']>;

/** Says of each thing that is more than it may be how much it is. */
export function overflows(counters: ReplicaCounters): readonly string[] {
  const consensus = counters.consensus.own as ConsensusCounters | null;
  if (consensus === null) return [];
  const { held } = consensus;
  const bounds: readonly (readonly [string, number, number])[] = [
    ['blocks in the tree', held.treeBlocks, limits.treeBlocks],
    ['bytes of bodies in the tree', held.treeBodyBytes, limits.treeBodyBytes],
    ['waiting proposals', held.pendingProposals, limits.pendingProposals],
    ['bytes of waiting proposals', held.pendingBodyBytes, limits.pendingBodyBytes],
  ];
  return bounds.flatMap(([what, is, most]) => (is > most ? [`${is} ${what}, ${most} at most`] : []));
}

/** Peers whose connections are refused for what they have sent. */
export function bannedPeers(counters: ReplicaCounters): readonly number[] {
  const network = counters.network.own as NetworkCounters | null;
  return network?.peers.filter(({ phase }) => phase === 'banned').map(({ peer }) => peer) ?? [];
}
