import test from 'ava';
import { processLoad } from '../../src/adapters/process-load.js';
import { startThreads } from '../../src/adapters/start-threads.js';

const COURIER = new URL('../support/threads/courier-thread.js', import.meta.url);
const names = () => processLoad().threads.map(({ thread }) => thread);

/** Keeps this thread busy. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test.serial('what a process has used is there in base units, and only grows', (t) => {
  const before = processLoad();
  work(20);
  const after = processLoad();
  const [main] = after.threads;
  t.is(main?.thread, 'main');
  t.true((main?.activeSeconds ?? 0) - (before.threads[0]?.activeSeconds ?? 0) >= 0.015, 'seconds of work');
  t.true((main?.activeSeconds ?? 0) < 600);
  t.true(after.usage.userCpuSeconds > before.usage.userCpuSeconds && after.usage.userCpuSeconds < 600);
  t.true(after.usage.systemCpuSeconds >= before.usage.systemCpuSeconds);
  t.true(after.usage.residentBytes > after.usage.heapUsedBytes);
  t.true(after.usage.externalBytes > 0);
  t.true(Math.abs(after.usage.startedAtSeconds - Date.now() / 1e3) < 600);
});

test.serial('a thread that was started is read under its name until it has ended', async (t) => {
  t.deepEqual(names(), ['main']);
  const closed = new Int32Array(new SharedArrayBuffer(12));
  const links = await startThreads(['north', 'south'].map((name) => ({ name, module: COURIER, data: { closed } })));
  t.deepEqual(names(), ['main', 'north', 'south']);
  for (const { thread, activeSeconds } of processLoad().threads) t.true(activeSeconds > 0, thread);
  await Promise.all(links.map((link) => link.close()));
  t.deepEqual(names(), ['main']);
});
