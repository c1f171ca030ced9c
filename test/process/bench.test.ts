import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { run, start } from '../support/command-line.js';

const QUICK = ['--duration', '1', '--warmup', '1', '--outstanding', '100', '--json'];

test.serial('bench cluster measures a cluster beside the bare loop and says with what', async (t) => {
  const { code, stdout, stderr } = await run(t, ['bench', 'cluster', '--reference', '--payload', '50', ...QUICK]);
  t.is(code, 0, stderr);
  const report = JSON.parse(stdout);
  for (const name of ['commandsPerSecond', 'commandsPerCpuSecond', 'blocksPerSecond']) t.true(report[name] > 0, name);
  const { p50, p99, max } = report.latencyMs;
  t.true(p50 > 0 && p50 <= p99 && p99 <= max);
  t.is(report.errors, 0);
  t.is(report.settings.payload, 50);
  t.is(report.settings.durability, 'durable');
  t.true(report.machine.cores > 0);
  t.is(report.runs[0].cpuSeconds.replicas.length, 4);
  t.true(Math.abs(report.reference.ratio - report.commandsPerSecond / report.reference.commandsPerSecond) < 0.001);
});

test.serial('bench cluster says how much of a core each thread of a replica used', async (t) => {
  const { code, stdout, stderr } = await run(t, [
    'bench',
    'cluster',
    '--replicas',
    '1',
    '--placement',
    'threads',
    ...QUICK,
  ]);
  t.is(code, 0, stderr);
  const { coresByThread, settings } = JSON.parse(stdout);
  t.is(settings.placement, 'threads');
  t.deepEqual(Object.keys(coresByThread).sort(), ['consensus', 'machine', 'main', 'network', 'other', 'storage']);
  t.true(coresByThread.consensus > 0 && coresByThread.consensus < 1.1, JSON.stringify(coresByThread));
});

test.serial('a benchmark goes on with dead replicas, and at a rate of its own', async (t) => {
  const flags = ['--faults', 'dead=1', '--rate', '200', '--machine', 'none', '--transport', 'plain'];
  const { code, stdout, stderr } = await run(t, ['bench', 'cluster', ...flags, ...QUICK]);
  t.is(code, 0, stderr);
  const report = JSON.parse(stdout);
  t.true(report.commandsPerSecond > 20 && report.commandsPerSecond < 1000, `${report.commandsPerSecond}`);
  t.is(report.runs[0].cpuSeconds.replicas.length, 3);
});

test.serial(
  'bench pool measures signatures and bodies in the pool and says from where on it is worth it',
  async (t) => {
    const { code, stdout, stderr } = await run(t, ['bench', 'pool', '--ms', '1', '--json']);
    t.is(code, 0, stderr);
    const { signatures, bodies } = JSON.parse(stdout);
    for (const { amount, inlineUs, pooledUs, busyUs } of [...signatures, ...bodies]) {
      t.true(amount > 0 && inlineUs > 0 && pooledUs >= busyUs && busyUs > 0);
    }
  },
);

test.serial('bench crossing measures votes and bodies that cross to another thread', async (t) => {
  const { code, stdout, stderr } = await run(t, ['bench', 'crossing', '--ms', '1', '--json']);
  t.is(code, 0, stderr);
  const { rounds, bodies } = JSON.parse(stdout);
  t.deepEqual(
    rounds.map(({ messages }: { messages: number }) => messages),
    [1, 16, 256],
  );
  t.true(rounds.every(({ roundUs }: { roundUs: number }) => roundUs > 0));
  t.deepEqual(
    bodies.map(({ bytes }: { bytes: number }) => bytes),
    [1024, 65_536, 2 ** 20, 2 ** 23, 2 ** 26],
  );
  for (const { bytes: _, ...ways } of bodies)
    t.true(Object.values(ways as Record<string, number>).every((us) => us > 0));
  t.true((await run(t, ['bench', 'crossing', '--ms', '1'])).stdout.includes('votes in a batch'));
});

test.serial('bench idle measures each replica of a cluster that only beats, at three blocks a second', async (t) => {
  const { code, stdout, stderr } = await run(t, ['bench', 'idle', '--warmup', '2', '--duration', '3', '--json']);
  t.is(code, 0, stderr);
  const { replicas, blocksPerSecond, settings } = JSON.parse(stdout);
  t.deepEqual(
    replicas.map(({ id }: { id: number }) => id),
    [0, 1, 2, 3],
  );
  t.true(
    replicas.every(
      ({ corePercent, rssBytes }: Record<string, number>) => Number(corePercent) > 0 && Number(rssBytes) > 0,
    ),
  );
  t.true(blocksPerSecond > 0 && blocksPerSecond <= 4, `${blocksPerSecond}`);
  t.is(settings.duration, 3);
});

const BRIEF = ['--duration', '1', '--warmup', '1', '--delay', '2', '--json'];

test.serial('bench overlap measures proposals that are built ahead, and such that are not', async (t) => {
  const { code, stdout, stderr } = await run(t, ['bench', 'overlap', '--propose-ms', '5', ...BRIEF]);
  t.is(code, 0, stderr);
  const { buffered, unbuffered, settings, machine } = JSON.parse(stdout);
  for (const figures of [buffered, unbuffered]) {
    const { blocksPerSecond, proposeMs, certifyMs, ratio } = figures;
    t.true(blocksPerSecond > 0 && ratio > 0, stdout);
    t.true(proposeMs >= 5 && certifyMs >= 4, 'a certificate takes two delays');
  }
  t.is(buffered.boundPerSecond, bound(Math.max(buffered.proposeMs, buffered.certifyMs)));
  t.is(unbuffered.boundPerSecond, bound(unbuffered.proposeMs + unbuffered.certifyMs));
  t.is(settings.delayMs, 2);
  t.true(machine.cores > 0);
});

const bound = (ms: number) => Math.round(1e6 / ms) / 1000;

test.serial('bench votes measures votes beside dear proposals and free ones, while leaders take turns', async (t) => {
  const { code, stdout, stderr } = await run(t, ['bench', 'votes', '--propose-ms', '5', ...BRIEF]);
  t.is(code, 0, stderr);
  const { busy, free, laterMs, settings } = JSON.parse(stdout);
  for (const { receivedToVoted, proposedToVoted } of [busy, free]) {
    t.true(receivedToVoted.count > 10 && receivedToVoted.p50 > 0 && receivedToVoted.p50 <= receivedToVoted.p99, stdout);
    t.true(proposedToVoted.p50 >= receivedToVoted.p50 + 1, 'the delay is part of it');
  }
  t.true(busy.proposeMs >= 5 && free.proposeMs < 2, 'a free one costs no more than the two looks at the clock');
  t.true(Math.abs(laterMs.receivedToVoted - (busy.receivedToVoted.p99 - free.receivedToVoted.p99)) < 0.002);
  t.is(settings.tenure, 8);
});

test.serial('bench crossing stops in order at a signal, whatever it was told to measure', async (t) => {
  const bench = start(t, ['bench', 'crossing', '--ms', '60000', '--json']);
  await pause(3000);
  bench.process.kill('SIGTERM');
  const { code, stdout, stderr } = await bench.ended;
  t.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
});
