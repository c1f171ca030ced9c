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
  });
}

test.serial('bodies are committed where leaders change, and where they rest between two', async (t) => {
  const few = ['bench', 'bodies', '--bodies', '12', '--bytes', '200000', '--json'];
  const changing = await run(t, [...few, '--tenure', '8']);
  t.is(changing.code, 0, changing.stderr);
  const rested = await run(t, [...few, '--pause', '60']);
  t.is(rested.code, 0, rested.stderr);
  // Eleven rests at least lie between the first and the last body.
  t.true(JSON.parse(rested.stdout).seconds >= 0.66, rested.stdout);

  const short = await run(t, [...few, '--tenure', '7']);
  t.is(short.code, 1);
  t.regex(short.stderr, /needs a tenure of at least 8 views under the three-chain rule; this cluster has 7/);
});

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
