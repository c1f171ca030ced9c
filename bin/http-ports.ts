/** The ports of `--http`: replica i of a local cluster answers on P + i. */
import type { ClusterConfig, ReplicaInfo } from '../src/config/cluster.js';
import { UsageError } from './outcome.js';
import { wholeNumber } from './usage.js';

const MOST = 65_535;

/** Reads `--http`. */
export const httpPort = wholeNumber('--http', { min: 1, max: MOST });

/** Whether ports from `base` on are apart from those of `--http`, `count` each and `replicas` of these. */
export function isApart(base: number, count: number, first: number, replicas: number): boolean {
  return base + count <= first || first + replicas <= base;
}

/** @throws UsageError where the last replica would have no port. */
export function checkRange(first: number, replicas: number): void {
  const most = MOST - replicas + 1;
  if (first <= most) return;
  throw new UsageError(`--http is ${first}; with ${replicas} replicas it must be at most ${most}`);
}

/**
 * Refuses ports on which `listeners`, replicas on this machine, listen already.
 * @throws UsageError that names the port and the replica.
 */
export function checkApart(first: number, count: number, listeners: readonly ReplicaInfo[]): void {
  for (const { id, peerPort, clientPort } of listeners) {
    for (const port of [peerPort, clientPort]) {
      if (isApart(port, 1, first, count)) continue;
      const use = port === peerPort ? 'peers' : 'clients';
      throw new UsageError(`--http would take port ${port}, where replica ${id} listens for ${use}; choose another`);
    }
  }
}

/** Refuses what cannot be the ports of a whole cluster on this machine. @throws UsageError */
export function checkAll(first: number, { replicas }: ClusterConfig): void {
  checkRange(first, replicas.length);
  checkApart(first, replicas.length, replicas);
}
