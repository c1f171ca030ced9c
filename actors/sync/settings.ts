import { type Limits, limits } from '../../src/config/limits.js';

/** How hard sync fetches, and how much it gives. Times in milliseconds. */
export interface SyncSettings {
  /** Blocks and bytes of one answer, asked for or given; one block is always given. */
  readonly fetchBlocks: number;
  readonly fetchBytes: number;
  /** How long a peer may take to answer. */
  readonly fetchTimeoutMs: number;
  /** How long to wait before asking again a peer that did not have what was asked for. */
  readonly retryMs: number;
  /** How long a peer is left alone that answered wrongly or not at all. */
  readonly setAsideMs: number;
  /** Blocks and bytes of one batch for consensus: what it takes in in one turn. */
  readonly batchBlocks: number;
  readonly batchBytes: number;
  /** Batches that consensus has not settled; more wait here. */
  readonly batchesAhead: number;
  /** Reads from the own store at a time, for all peers together. */
  readonly servesAtOnce: number;
  /** Bytes given to one peer in a second, on average. */
  readonly serveBytesPerSecond: number;
  /** A peer rests so many times as long as its last read took, so that its catching up takes a part of our time only. */
  readonly restPerRead: number;
  /** But no longer than this; far below the other side's `fetchTimeoutMs`. */
  readonly restMaxMs: number;
}

/** The settings of a table of limits. */
export function syncSettings(limits: Limits): SyncSettings {
  return {
    fetchBlocks: limits.fetchBlocks,
    fetchBytes: limits.fetchBytes,
    fetchTimeoutMs: limits.fetchTimeoutMs,
    retryMs: limits.fetchRetryMs,
    setAsideMs: limits.fetchSetAsideMs,
    batchBlocks: limits.fetchBatchBlocks,
    batchBytes: limits.fetchBatchBytes,
    batchesAhead: limits.fetchBatchesAhead,
    servesAtOnce: limits.servesAtOnce,
    serveBytesPerSecond: limits.serveBytesPerSecond,
    restPerRead: limits.serveRestPerRead,
    restMaxMs: limits.serveRestMaxMs,
  };
}

/** The settings of the table of limits. */
export const syncDefaults = syncSettings(limits);
