/** What `createClient` and the questions of a client take, and what each of it may be. */
import type { ClusterConfig } from '../src/config/cluster.js';
import { limits } from '../src/config/limits.js';
import {
  cluster,
  height,
  logger,
  milliseconds,
  type OptionTable,
  required,
  whole,
} from '../src/config/option-kinds.js';
import type { Logger } from '../src/logger.js';

/** What `createClient` takes. */
export interface ClientOptions {
  readonly cluster: ClusterConfig;
  /** Commands in flight at most, 1 .. 32,768; further submissions wait. Default 4096. */
  readonly outstandingMax?: number;
  /** Milliseconds without an answer until a command is sent again. Default: the cluster's base timeout. */
  readonly retryMs?: number;
  readonly log?: Logger;
}

/** How long to wait for the replicas' word about themselves. */
export interface StatusQuery {
  /** Milliseconds, from 0. */
  readonly withinMs?: number;
}

/** Which committed blocks to ask for, and whom. */
export interface LogQuery {
  readonly replica: number;
  readonly fromHeight: number;
  /** 1 .. 1000; a page may hold fewer. */
  readonly maxBlocks: number;
  readonly withinMs?: number;
}

/** Whom to ask, and for proofs against whom: indices of replicas. */
export interface EvidenceQuery {
  readonly replica: number;
  readonly accused: number;
  readonly withinMs?: number;
}

const HOUR_MS = 3_600_000;

/** What each option of a client may be. */
export const CLIENT_TABLE: OptionTable<ClientOptions> = {
  cluster: required(cluster),
  outstandingMax: whole(1, limits.outstanding),
  retryMs: whole(1, HOUR_MS),
  log: logger,
};

/** What a question for the status may be. */
export const STATUS_TABLE: OptionTable<StatusQuery> = { withinMs: milliseconds };

/** What a question for the log may be in a cluster. */
export function logTable({ replicas }: ClusterConfig): OptionTable<LogQuery> {
  return {
    replica: required(whole(0, replicas.length - 1)),
    fromHeight: required(height),
    maxBlocks: required(whole(1, limits.logBlocks)),
    withinMs: milliseconds,
  };
}

/** What a question for proofs may be in a cluster. */
export function evidenceTable({ replicas }: ClusterConfig): OptionTable<EvidenceQuery> {
  const replica = required(whole(0, replicas.length - 1));
  return { replica, accused: replica, withinMs: milliseconds };
}
