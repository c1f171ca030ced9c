/**
 * Crashes of up to f, crashes of all, partitions and loss, drawn from a seed; then calm. HOTSTUFF_STORM_SEEDS=N runs
 * that many seeds instead, HOTSTUFF_STORM_FROM=S begins with seed S.
 */

import { runStorm } from '../../support/cluster-storm.js';
import { onBothHosts as test } from '../../support/hosts.js';

const SEEDS = Number(process.env.HOTSTUFF_STORM_SEEDS ?? 20);
const FROM = Number(process.env.HOTSTUFF_STORM_FROM ?? 1);
/** Base timeouts. */
const WELL_WITHIN = 30;
/** Seeds that once found a bug. */
const REGRESSIONS: readonly number[] = [];

for (const seed of new Set([...REGRESSIONS, ...Array.from({ length: SEEDS }, (_, index) => FROM + index)])) {
  test(`after a storm of faults all agree and commit again, seed ${seed}`, (t) => {
    const outcome = runStorm(seed, WELL_WITHIN);
    t.deepEqual(outcome.violations, [], JSON.stringify(outcome));
    t.not(outcome.wellAfter, null, JSON.stringify(outcome));
  });
}
