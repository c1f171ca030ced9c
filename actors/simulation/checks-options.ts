/** What the checks of a running world are made from. */
import type { ClusterConfig } from '../../src/config/cluster.js';
import type { SimulationCase } from '../../src/simulation/case.js';
import type { ObservedFrame } from '../../src/simulation/connection.js';
import type { Scheduler } from '../../src/simulation/scheduler.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import type { SimulatedReplica } from './simulated-replica.js';

/** What of a world the checks look at. */
export interface WatchedWorld {
  readonly scheduler: Scheduler;
  readonly cluster: ClusterConfig;
  /** By node. */
  readonly replicas: readonly SimulatedReplica[];
}

/** What the checks take: the case that holds for the world, and who else is told of what is seen. */
export interface ChecksOptions {
  /** Liars are not held to anything; they are nodes. */
  readonly case: Pick<
    SimulationCase,
    | 'replicas'
    | 'tenure'
    | 'rule'
    | 'leaderSchedule'
    | 'liars'
    | 'signatures'
    | 'baseTimeoutMs'
    | 'faults'
    | 'healAt'
    | 'disks'
    | 'speculation'
    | 'clients'
    | 'tight'
  >;
  /** Who leads a tenure; by default they take turns. */
  readonly leaderOf?: (tenure: number) => number;
  /** Violations after which no more are kept. */
  readonly violationsMax: number;
  /** Told of each frame that arrives. */
  readonly onArrived: (frame: ObservedFrame) => void;
  /** Told of each message that is sent between replicas; for diagrams. */
  readonly onMessage?: (from: number, to: number, message: PeerMessage) => void;
  /** Told of what happens to replicas. */
  readonly onNote?: (note: { readonly node: number | null; readonly text: string }) => void;
}
