import test from 'ava';
import { acquireHeavyPool } from '../../src/adapters/heavy-pool.js';
import { createPool, type Pool, type PoolOptions } from '../../src/adapters/pool.js';
import { poolAt, servePool } from '../../src/adapters/pool-port.js';
import { threadPorts } from '../../src/adapters/thread-port.js';
import { createSigner, generateKeyPair } from '../../src/crypto/ed25519.js';
import { type HeavyTasks, hashBodies, packChecks, verifySignatures } from '../../src/crypto/heavy-tasks.js';
import type { OperationalError } from '../../src/errors.js';
import { silentLogger } from '../../src/logger.js';
import type { TaskResult, Tasks } from '../../src/runtime/behaviour.js';
import type { TestTasks } from '../support/pool-tasks.js';

const WORKER = new URL('../support/pool-tasks.js', import.meta.url);
const local = {
  double: ({ of }: { readonly of: number }) => ({ is: 2 * of }),
  exit: () => ({}),
};

function testPool(options: Partial<PoolOptions<TestTasks>> = {}): Pool<TestTasks> {
  return createPool<TestTasks>({ worker: WORKER, local, threadsMax: 1, ...options });
}

function asked<T extends Tasks, Task extends keyof T & string>(
  pool: Pool<T>,
  task: Task,
  input: T[Task]['input'],
  transfer: readonly ArrayBuffer[] = [],
): Promise<TaskResult<T[Task]['output']>> {
  return new Promise((resolve) => pool.run(task, input, transfer, resolve));
}

test('a task runs on a thread of the pool, which starts with the first, and is answered once', async (t) => {
  const pool = testPool();
  t.is(pool.counters().threads, 0);
  t.deepEqual(await asked(pool, 'double', { of: 4 }), { ok: true, is: 8 });
  const { submitted, completed, inline, failed, pending, threads } = pool.counters();
  t.deepEqual(
    { submitted, completed, inline, failed, pending },
    { submitted: 1, completed: 1, inline: 0, failed: 0, pending: 0 },
  );
  t.is(threads, 1);
  await pool.close();
});

test('what finds the queue full is done by who asks, counted, and answered later as well', async (t) => {
  const pool = testPool({ queueMax: 2 });
  let answered = 0;
  const answers = Array.from({ length: 10 }, (_, of) =>
    asked(pool, 'double', { of, ms: 20 }).then((answer) => {
      answered += 1;
      return answer;
    }),
  );
  t.is(answered, 0);
  t.is(pool.counters().pending, 3);
  t.deepEqual(
    await Promise.all(answers),
    Array.from({ length: 10 }, (_, of) => ({ ok: true as const, is: 2 * of })),
  );
  const { submitted, inline } = pool.counters();
  t.deepEqual({ submitted, inline }, { submitted: 3, inline: 7 });
  await pool.close();
});

test.serial('what is done inline for want of room was not given up', async (t) => {
  const pool = acquireHeavyPool({ threads: 1, log: silentLogger });
  await pool.close();
  const body = new Uint8Array(100).fill(1);
  const answer = await asked(pool, 'hashBodies', { bodies: [body] }, [body.buffer]);
  t.is(body.length, 100);
  t.deepEqual(answer, { ok: true, ...hashBodies({ bodies: [body] }) });
});

test('a thread that dies with a task gives an OperationalError with a code, and the pool goes on', async (t) => {
  const errors: OperationalError[] = [];
  const pool = testPool({ onFailure: (error) => errors.push(error) });
  const [lost] = await Promise.all([asked(pool, 'exit', {}), asked(pool, 'double', { of: 1 })]);
  t.deepEqual(lost, { ok: false, code: 'POOL_THREAD_DIED' });
  t.like(errors[0], { name: 'OperationalError', code: 'POOL_THREAD_DIED', facts: { task: 'exit' } });
  t.deepEqual(await asked(pool, 'double', { of: 2 }), { ok: true, is: 4 });
  t.is(pool.counters().failed, errors.length);
  await pool.close();
});

test('where no thread can start nothing waits for ever: the work is done inline', async (t) => {
  const errors: OperationalError[] = [];
  const worker = new URL('../support/pool-that-cannot-start.js', import.meta.url);
  const pool = testPool({ worker, onFailure: (error) => errors.push(error) });
  // The first threads take a task with them each, until none is left.
  let answer = await asked(pool, 'double', { of: 1 });
  for (let tries = 1; !answer.ok && tries < 5; tries += 1) answer = await asked(pool, 'double', { of: 1 });
  t.deepEqual(answer, { ok: true, is: 2 });
  t.is(pool.counters().inline, 1);
  t.is(errors[0]?.code, 'POOL_THREAD_DIED');
  await pool.close();
});

test('a close lets what is under way come to its end', async (t) => {
  const pool = testPool();
  const answers = [asked(pool, 'double', { of: 1, ms: 50 }), asked(pool, 'double', { of: 2, ms: 50 })];
  await Promise.all([pool.close(), pool.close()]);
  t.deepEqual(await Promise.all(answers), [
    { ok: true, is: 2 },
    { ok: true, is: 4 },
  ]);
  t.is(pool.counters().threads, 0);
});

for (const [threadsMax, fits] of [
  [0, false],
  [1, true],
  [1024, true],
  [1025, false],
  [1.5, false],
] as const) {
  test(`a pool of ${threadsMax} threads ${fits ? 'is made' : 'is refused with its range'}`, async (t) => {
    const make = () => testPool({ threadsMax });
    if (fits) return t.notThrowsAsync(make().close());
    t.throws(make, { name: 'ConfigurationError', code: 'POOL_SIZE', message: /1 to 1024/ });
  });
}

test.serial('all users of a process share one pool, which ends with the last', async (t) => {
  const [one, other] = [1, 2].map((threads) => acquireHeavyPool({ threads, log: silentLogger }));
  await Promise.all(
    [one, other].map((each) => each && asked<HeavyTasks, 'hashBodies'>(each, 'hashBodies', { bodies: [] })),
  );
  await one?.close();
  t.like(other?.counters(), { threadsMax: 1, threads: 1 });
  await other?.close();
  t.is(other?.counters().threads, 0);
});

test.serial('worker and local functions answer alike: hashes, and which signatures are bad', async (t) => {
  const pool = acquireHeavyPool({ threads: 1, log: silentLogger });
  const message = new Uint8Array(88).fill(5);
  const checks = Array.from({ length: 20 }, (_, index) => {
    const { secretKey, publicKey } = generateKeyPair(new Uint8Array(32).fill(index));
    const signature = createSigner(secretKey).sign(message);
    if (index % 3 === 0) signature[index % 64] = (signature[index % 64] ?? 0) ^ 1;
    return { publicKey, message: index % 5 === 0 ? message.subarray(index) : message, signature };
  });
  checks.push({ publicKey: new Uint8Array(32), message, signature: new Uint8Array(3) });
  const packed = packChecks(checks);
  const bad = verifySignatures(packed);
  t.deepEqual(await asked<HeavyTasks, 'verifySignatures'>(pool, 'verifySignatures', packed), { ok: true, ...bad });
  t.deepEqual(
    bad.bad.filter((index) => index > 5),
    [6, 9, 10, 12, 15, 18, 20],
  );
  const bodies = [0, 1, 100, 100_000].map((length) => new Uint8Array(length).fill(length));
  const local = hashBodies({ bodies });
  t.deepEqual(await asked<HeavyTasks, 'hashBodies'>(pool, 'hashBodies', { bodies }), { ok: true, ...local });
  await pool.close();
});

test.serial(
  'a pool is asked from another thread, and bytes that are given up go all the way there and back',
  async (t) => {
    const pool = acquireHeavyPool({ threads: 1, log: silentLogger });
    const [here, there] = threadPorts();
    servePool(here, pool);
    const remote = poolAt(there);
    const body = new Uint8Array(1000).fill(3);
    const { hashes } = hashBodies({ bodies: [body] });
    const answering = new Promise<TaskResult<HeavyTasks['hashBodies']['output']>>((resolve) => {
      remote.run('hashBodies', { bodies: [body.subarray(0, 500), body] }, [body.buffer], resolve);
    });
    t.is(body.length, 0);
    const answer = await answering;
    t.true(answer.ok && answer.hashes[1] === hashes[0] && answer.bodies[0]?.buffer === answer.bodies[1]?.buffer);
    const packed = packChecks([
      { publicKey: new Uint8Array(32), message: new Uint8Array(1), signature: new Uint8Array(64) },
    ]);
    const checked = await new Promise((resolve) => remote.run('verifySignatures', packed, [], resolve));
    t.deepEqual(checked, { ok: true, bad: [0] });
    there.close();
    await pool.close();
  },
);
