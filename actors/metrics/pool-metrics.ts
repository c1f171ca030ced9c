/** Metrics of the pool that hashes large bodies and verifies large certificates. */
import type { PoolCounters } from '../../src/pool-counters.js';
import { counter, gauge, type Metric, type Read, sampleOf } from './metric.js';

const OUTCOMES = ['completed', 'failed', 'inline'] as const;

/** Of the pool that the replica uses; missing where it uses none. */
export const POOL_METRICS: readonly Metric[] = [
  gauge(
    'hotstuff_pool_threads',
    'Threads of the pool that run; none before its first task.',
    ofPool(({ threads }) => threads),
  ),
  gauge(
    'hotstuff_pool_pending_tasks',
    'Tasks that wait for a thread of the pool, or run.',
    ofPool(({ pending }) => pending),
  ),
  counter(
    'hotstuff_pool_submitted_total',
    'Tasks handed to the pool: bodies to hash, certificates to verify.',
    ofPool(({ submitted }) => submitted),
  ),
  counter(
    'hotstuff_pool_tasks_total',
    'Tasks by outcome: completed by the pool, failed with a thread that died, or done inline since too many waited.',
    ({ replica }) => OUTCOMES.flatMap((outcome) => sampleOf(replica?.pool?.[outcome], { outcome })),
    ['outcome'],
  ),
];

function ofPool(pick: (pool: PoolCounters) => number): Read {
  return ({ replica }) => (replica?.pool ? sampleOf(pick(replica.pool)) : []);
}
