import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ReplicaProcesses } from '../../bin/replica-processes.js';
import { scratch } from '../support/command-line.js';

const SILENCE_MS = 3000;

/** One replica whose program is `source`. */
async function replicaOf(t: ExecutionContext, source: string): Promise<ReplicaProcesses> {
  const dir = await scratch(t);
  const program = join(dir, 'replica.mjs');
  await writeFile(program, source);
  const processes = new ReplicaProcesses({ dir, replicas: 1, warn: () => {}, program, silenceMs: SILENCE_MS });
  t.teardown(() => processes.stop(0));
  return processes;
}

const works = "setInterval(() => process.send({ news: 'working' }), 100);";
const never = new AbortController().signal;

test('a replica that works on its start is awaited for longer than one that does nothing', async (t) => {
  const ready = `setTimeout(() => process.send({ news: 'ready' }), ${2 * SILENCE_MS});`;
  const processes = await replicaOf(t, `${works} ${ready}`);
  const began = performance.now();
  await processes.start(never);
  t.true(performance.now() - began >= 2 * SILENCE_MS);
});

test('a replica that does nothing is given up by name', async (t) => {
  const processes = await replicaOf(t, 'setInterval(() => {}, 100);');
  const message = 'replica 0 hangs: it is not ready and does nothing';
  await t.throwsAsync(processes.start(never), { name: 'Failure', message });
});

test('a replica that an uncaught error ends is given up with that error, not with what Node prints behind it', async (t) => {
  const thrown =
    "throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', facts: { most: 80 } })";
  const processes = await replicaOf(t, `setTimeout(() => { ${thrown} });`);
  const message = 'replica 0 did not start: Error: EMFILE: too many open files';
  await t.throwsAsync(processes.start(never), { name: 'Failure', message });
});

test('a start ends with the signal, and the replica with it, even one that does not listen', async (t) => {
  const processes = await replicaOf(t, `process.on('SIGTERM', () => {}); ${works}`);
  const stopping = new AbortController();
  const started = processes.start(stopping.signal);
  stopping.abort();
  await started;
  const [pid] = processes.pids();
  const began = performance.now();
  await processes.stop(1400);
  t.true(performance.now() - began < 3000);
  t.throws(() => process.kill(pid ?? 0, 0), { code: 'ESRCH' });
});

test('a start that takes long says who is awaited, and claims no more than may be so at a first start', async (t) => {
  const dir = await scratch(t);
  const program = join(dir, 'replica.mjs');
  await writeFile(program, `${works} setTimeout(() => process.send({ news: 'ready' }), 1000);`);
  const lines: string[] = [];
  const warn = (line: string): void => void lines.push(line);
  const processes = new ReplicaProcesses({ dir, replicas: 2, warn, program, longStartMs: 100 });
  t.teardown(() => processes.stop(0));
  await processes.start(never);
  t.deepEqual(lines, ['waiting for replica 0, 1 to be ready; one with a long log reads it first']);
});
