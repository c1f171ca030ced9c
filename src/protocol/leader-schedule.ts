/** Who leads which tenure. */
import { asReplicaId, type Height, type ReplicaId, type Tenure, type View } from './numbers.js';

/** What a schedule may know of one committed block. */
export interface CommittedSummary {
  readonly view: View;
  readonly proposer: ReplicaId;
  /** Who signed the certificate that the block carries for its parent, in ascending order. */
  readonly signers: readonly ReplicaId[];
}

/** What a schedule may know of the past: final blocks only, so that all who have committed as much agree. */
export interface CommittedHistory {
  /** Of the last committed block; 0 when only genesis is. */
  readonly height: Height;
  readonly view: View;
  /** The last committed blocks, oldest first; as many as the schedule asked its owner to keep, perhaps none. */
  readonly recent: readonly CommittedSummary[];
}

/** Names the leader of each tenure; pure, and the same on every replica with the same history. */
export interface LeaderSchedule {
  /** The leader of `tenure`, as far as `history` decides it. */
  leaderOf(tenure: Tenure, history: CommittedHistory): ReplicaId;
}

/**
 * Leads by turns: tenure k is led by replica k mod n, whatever was committed.
 * Source: HotStuff, arXiv:1803.05069, section 4 (a deterministic mapping from views to leaders).
 */
export function roundRobin(replicas: number): LeaderSchedule {
  return { leaderOf: (tenure) => asReplicaId(tenure % replicas) };
}
