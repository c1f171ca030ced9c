/** Bodies of 1 and 8 MiB go through real processes, TLS sockets and disks, and their hashing through the pool. */
import test from 'ava';
import { run } from '../support/command-line.js';
import { commitBodies } from '../support/committed-bodies.js';

for (const { mebibytes, bodies, poolSize } of [
  { mebibytes: 1, bodies: 4, poolSize: 1 },
  { mebibytes: 1, bodies: 4, poolSize: 0 },
  { mebibytes: 8, bodies: 2, poolSize: 1 },
]) {
  const pool = poolSize === 0 ? 'without a pool' : 'and are hashed in the pool';
  test.serial(`bodies of ${mebibytes} MiB are committed by four replicas ${pool}`, (t) =>
    commitBodies(t, { mebibytes, bodies, poolSize }),
  );
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
