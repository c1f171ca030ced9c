import { type HeavyTasks, hashBodies, verifySignatures } from '../crypto/heavy-tasks.js';
import type { Logger } from '../logger.js';
import { createPool, type Pool } from './pool.js';

/** This process's pool for as long as somebody uses it. */
let shared: { readonly pool: Pool<HeavyTasks>; users: number } | null = null;

/** A use of the process's pool; `close` ends it, and with the last one the pool. */
export type HeavyPool = Pool<HeavyTasks>;

/**
 * Returns the pool that all replicas of this process share: threads beyond its processors gain nothing. The first one's
 * number of threads, 1 to 1024, and log count.
 * @throws ConfigurationError for a number of threads that cannot be.
 */
export function acquireHeavyPool({ threads, log }: { readonly threads: number; readonly log: Logger }): HeavyPool {
  shared ??= { pool: startHeavyPool(threads, log), users: 0 };
  const used = shared;
  used.users += 1;
  let closing: Promise<void> | null = null;
  return {
    run: (...asked) => used.pool.run(...asked),
    counters: () => used.pool.counters(),
    close: () => {
      closing ??= release(used);
      return closing;
    },
  };
}

async function release(used: NonNullable<typeof shared>): Promise<void> {
  used.users -= 1;
  if (used.users > 0) return;
  if (shared === used) shared = null;
  await used.pool.close();
}

function startHeavyPool(threadsMax: number, log: Logger): Pool<HeavyTasks> {
  return createPool<HeavyTasks>({
    worker: new URL('./pool-worker.js', import.meta.url),
    local: { hashBodies, verifySignatures },
    threadsMax,
    onFailure: ({ code, message, cause }) =>
      log.warn('poolThreadDied', { code, detail: `${message}: ${String(cause)}` }),
  });
}
