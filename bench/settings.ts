import type { Placement } from '../actors/placement.js';
import type { LeaderScheduleName } from '../src/protocol/leader-schedule.js';

/** What a benchmark of a cluster is made of. */
export interface BenchSettings {
  readonly replicas: number;
  /** Commands and bytes in a block at most, and how long a block waits for company. */
  readonly batch: number;
  readonly batchBytes: number;
  readonly batchMs: number;
  /** Bytes of a command's value; of its key; of a reply of the machine `none`. */
  readonly payload: number;
  readonly keyBytes: number;
  readonly replyBytes: number;
  /** Client processes, and commands in flight over all of them. */
  readonly clients: number;
  readonly outstanding: number;
  /** Commands a second that are sent whatever the answers (open loop); 0: as fast as answers come (closed loop). */
  readonly rate: number;
  /** Seconds measured, and seconds before them. */
  readonly duration: number;
  readonly warmup: number;
  readonly durability: 'durable' | 'volatile';
  readonly machine: 'none' | 'key-value';
  readonly rule: 'three-chain' | 'two-chain';
  readonly tenure: number;
  readonly leaderSchedule: LeaderScheduleName;
  readonly transport: 'tls' | 'plain';
  /** Where the actors of each replica run. */
  readonly placement: Placement;
  /** Threads of each replica's pool; 0 for none. */
  readonly poolSize: number;
  readonly faults: Faults;
  /** Draws the keys. */
  readonly seed: number;
}

/** Replicas that never start, or the leader's end so many seconds into the measurement. */
export type Faults =
  | { readonly kind: 'none' }
  | { readonly kind: 'dead'; readonly count: number }
  | { readonly kind: 'killLeader'; readonly atSecond: number };

/** The settings of the benchmark that issues and pages speak of, at n = 4. */
export const benchDefaults: BenchSettings = {
  replicas: 4,
  batch: 1000,
  batchBytes: 4 * 1024 * 1024,
  batchMs: 0,
  payload: 128,
  keyBytes: 16,
  replyBytes: 2,
  clients: 1,
  outstanding: 4000,
  rate: 0,
  duration: 10,
  warmup: 3,
  durability: 'durable',
  machine: 'key-value',
  rule: 'three-chain',
  tenure: 1000,
  leaderSchedule: 'round-robin',
  transport: 'tls',
  placement: 'inline',
  poolSize: 1,
  faults: { kind: 'none' },
  seed: 1,
};
