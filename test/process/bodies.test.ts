/** Bodies of 1, 8 and 64 MiB go through real processes, TLS sockets and disks, and their hashing through the pool. */
import test from 'ava';
import { run } from '../support/command-line.js';

const MIB = 2 ** 20;

for (const [mebibytes, bodies, poolSize] of [
  [1, 4, 1],
  [1, 4, 0],
  [8, 2, 1],
  [64, 1, 1],
] as const) {
  const pool = poolSize === 0 ? 'without a pool' : 'and are hashed in the pool';
  test.serial(`bodies of ${mebibytes} MiB are committed by four replicas ${pool}`, async (t) => {
    t.timeout(120_000);
    const size = ['--bytes', `${mebibytes * MIB}`, '--bodies', `${bodies}`, '--pool-size', `${poolSize}`];
    const { code, stdout, stderr } = await run(t, ['bench', 'bodies', ...size, '--json']);
    t.is(code, 0, stderr);
    const { votes, hashedInPool, voteMs, mebibytesPerSecond } = JSON.parse(stdout);
    t.true(votes >= 3 * bodies, `${votes} votes were followed`);
    t.true(voteMs.whole.p50 > 0 && voteMs.whole.p50 <= voteMs.whole.p99 && mebibytesPerSecond > 0);
    // Each follower hashes each body; one that fell behind has fetched some of them together.
    if (poolSize === 0) t.is(hashedInPool, 0);
    else t.true(hashedInPool >= 3, `${hashedInPool} were hashed in the pool`);
  });
}

test.serial('bodies of 1 MiB are committed by replicas whose actors have threads of their own', async (t) => {
  const { code, stdout, stderr } = await run(t, [
    'bench',
    'bodies',
    '--bodies',
    '3',
    '--placement',
    'threads',
    '--json',
  ]);
  t.is(code, 0, stderr);
  t.true(JSON.parse(stdout).hashedInPool >= 3);
});
