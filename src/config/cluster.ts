/** The public description of a cluster: `cluster.json`, the same on every replica and client. */
import type { LeaderScheduleName } from '../protocol/leader-schedule.js';
import type { ReplicaId } from '../protocol/numbers.js';

/** One replica, as all others know it: where it listens, and its public keys. */
export interface ReplicaInfo {
  readonly id: ReplicaId;
  readonly host: string;
  readonly peerPort: number;
  readonly clientPort: number;
  /** Ed25519 public key that verifies proposals, votes and timeouts: 64 lower-case hex digits. */
  readonly signingKey: string;
  /** Ed25519 public key of the replica's TLS certificate: 64 lower-case hex digits. */
  readonly transportKey: string;
}

/** What all replicas and clients of a cluster agree on: the content of `cluster.json`. */
export interface ClusterConfig {
  /** Of the file's form: 1. */
  readonly version: 1;
  /** 64 lower-case hex digits, derived from `salt` and everything that replicas must agree on. */
  readonly clusterId: string;
  /** 32 lower-case hex digits drawn at `init`, so that two clusters with the same settings differ. */
  readonly salt: string;
  readonly epoch: 0;
  readonly rule: 'three-chain' | 'two-chain';
  /** Views in a tenure, 1 .. 1,000,000. */
  readonly tenure: number;
  /** Who leads which tenure: all by turns, or those by turns that took part lately. */
  readonly leaderSchedule: LeaderScheduleName;
  /** Base of the view timer in milliseconds. */
  readonly baseTimeoutMs: number;
  readonly transport: 'tls' | 'plain';
  readonly scheme: 'ed25519-libsodium';
  /** In order of id, 0 .. n−1. */
  readonly replicas: readonly ReplicaInfo[];
}
