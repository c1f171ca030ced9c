/** What a lying replica has at hand, and what a way to lie is made of. */

import {
  asReplicaId,
  asView,
  type BlockHash,
  type ReplicaId,
  type Tenure,
  type View,
} from '../../../src/protocol/numbers.js';
import { tenureOf } from '../../../src/protocol/tenure.js';
import type {
  Block,
  Proposal,
  QuorumCertificate,
  Timeout,
  TimeoutCertificate,
  Vote,
} from '../../../src/protocol/types.js';
import type { Random } from '../../../src/simulation/random.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';

/** Bytes that no codec would write: a whole frame. */
export interface RawFrame {
  readonly type: 'raw';
  readonly frame: Uint8Array;
}

/** What a liar says: a message as any replica would, or bytes. */
export type Said = PeerMessage | RawFrame;

/** What everybody knows of the cluster. */
export interface LiarsCluster {
  readonly clusterId: string;
  readonly replicas: number;
  readonly tenureLength: number;
  readonly baseTimeoutMs: number;
}

/** Signs as one replica and no other. */
export interface Pen {
  proposal(block: Block, tc: TimeoutCertificate | null): Proposal;
  vote(view: View, block: BlockHash): Vote;
  timeout(tenure: Tenure, highQc: QuorumCertificate, highQcView?: View): Timeout;
}

/** A lying replica, as its strategies see it. The actors behind it are those of any replica, and know nothing of it. */
export interface Liar {
  readonly id: ReplicaId;
  readonly cluster: LiarsCluster;
  /** All other replicas. */
  readonly peers: readonly ReplicaId[];
  /** Those of them that lie too. */
  readonly accomplices: readonly ReplicaId[];
  readonly random: Random;
  /** Its own signatures. */
  readonly pen: Pen;
  /** Those that it would make in a cluster of another id. */
  readonly foreignPen: Pen;
  isVote(vote: Vote): boolean;
  /** Unless it crashes before. */
  later(delayMs: number, act: () => void): void;
  /** Says something now, past all strategies; nothing where there is no connection. */
  tell(peer: ReplicaId, said: Said): void;
  /** Has its own actors hear a message as if `peer` had sent it. */
  hear(peer: ReplicaId, message: PeerMessage): void;
  /** Counts that the strategy under way has done what it is there for. */
  fired(): void;
}

/** One way to lie. It lives as long as the replica's process. */
export interface Strategy {
  /** What goes to `to` in place of `message`; null for that itself. */
  readonly outgoing?: (to: ReplicaId, message: PeerMessage) => readonly Said[] | null;
  /** Sees what a peer sent; false keeps it from the replica's actors. */
  readonly incoming?: (from: ReplicaId, message: PeerMessage) => boolean;
  /** Called once, when the process begins. */
  readonly begin?: () => void;
}

/** Makes a strategy for one life of a replica. */
export type MakeStrategy = (liar: Liar) => Strategy;

/** The leader of a view, where replicas take turns. */
export function leaderOf({ replicas, tenureLength }: LiarsCluster, view: number): ReplicaId {
  return asReplicaId(tenureOf(asView(view), tenureLength) % replicas);
}

/** Who gathers the votes of a view. */
export function collectorsOf(cluster: LiarsCluster, view: number): readonly ReplicaId[] {
  return [...new Set([leaderOf(cluster, view + 1), leaderOf(cluster, view)])];
}
