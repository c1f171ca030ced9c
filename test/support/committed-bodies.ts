/** Bodies through four replica processes, as `hotstuff bench bodies` measures them. */
import type { ExecutionContext } from 'ava';
import { run } from './command-line.js';

const MIB = 2 ** 20;

export interface Bodies {
  readonly mebibytes: number;
  readonly bodies: number;
  /** Threads of each replica's pool; 0 for none. */
  readonly poolSize: number;
}

/** Commits bodies, and demands that each vote was followed and that they were hashed where they should be. */
export async function commitBodies(t: ExecutionContext, { mebibytes, bodies, poolSize }: Bodies): Promise<void> {
  t.timeout(120_000);
  const size = ['--bytes', `${mebibytes * MIB}`, '--bodies', `${bodies}`, '--pool-size', `${poolSize}`];
  const { code, stdout, stderr } = await run(t, ['bench', 'bodies', ...size, '--json']);
  t.is(code, 0, stderr);
  const { votes, hashedInPool, mebibytesPerSecond } = JSON.parse(stdout);
  for (const part of ['sending', 'travelling', 'receiving', 'whole']) {
    const { votes: followed, ms, onCoreMs } = votes[part];
    t.true(followed >= 3 * bodies, `${part}: ${followed} votes were followed`);
    t.true(ms.p50 > 0 && ms.p50 <= ms.p99 && ms.p99 <= ms.max, part);
    // Only what happens on one thread can be told from its waiting.
    if (part === 'travelling' || part === 'whole') t.is(onCoreMs, null, part);
    else t.true(onCoreMs === null || (onCoreMs.p50 > 0 && onCoreMs.p99 <= ms.p99), part);
  }
  t.true(mebibytesPerSecond > 0);
  // Each follower hashes each body; one that fell behind has fetched some of them together.
  if (poolSize === 0) t.is(hashedInPool, 0);
  else t.true(hashedInPool >= 3, `${hashedInPool} were hashed in the pool`);
}
