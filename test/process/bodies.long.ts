/** The largest body, and bodies between threads: what `bodies.test.ts` shows of smaller ones on one thread. */
import test from 'ava';
import { run } from '../support/command-line.js';
import { commitBodies } from '../support/committed-bodies.js';

test.serial('bodies of 64 MiB are committed by four replicas and are hashed in the pool', (t) =>
  commitBodies(t, { mebibytes: 64, bodies: 1, poolSize: 1 }),
);

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
