import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { run, runHere, scratch, start, startFed } from '../support/command-line.js';
import { resultsWithoutHeights } from '../support/placed-job.js';
import { readResults, until } from '../support/process-cluster.js';

interface Closing {
  readonly commands: { readonly submitted: number; readonly committed: number; readonly failed: number };
  readonly seconds: number;
  readonly commandsPerSecond: number;
  readonly replicas: readonly { readonly id: number; readonly committedHeight: number; readonly stateHash: string }[];
}

test.serial(
  'where actors run changes no result: on threads the main job gives the same file, but for heights',
  async (t) => {
    const inline = await resultsWithoutHeights(t, 'inline');
    t.deepEqual(await resultsWithoutHeights(t, 'storage=disk,proposalGenerator=vm'), inline);
  },
);

test.serial('lines that are no commands are not sent, have their result, and make the exit code 1', async (t) => {
  const dir = await scratch(t);
  const out = join(dir, 'results.jsonl');
  const input = 'SET a  two words \nNOPE\n\nget a\nINCR a\nDEL a\nGET a\nSET a\n';
  const ran = await run(
    t,
    ['cluster', '--commands', '-', '--results', out, '--exit', '--json', '--replicas', '1'],
    input,
  );
  t.is(ran.code, 1);
  t.regex(ran.stderr, /^hotstuff: 2 of 7 commands failed, the first: line 2: unknown command "NOPE"[^\n]*\n$/);
  t.deepEqual((JSON.parse(ran.stdout) as Closing).commands, { submitted: 7, committed: 5, failed: 2 });
  const lines = (await readResults(out)).toSorted((a, b) => Number(a.index) - Number(b.index));
  t.deepEqual(
    lines.map(({ index }) => index),
    [0, 1, 2, 3, 4, 5, 6],
  );
  t.deepEqual(
    lines.map(({ command }) => command),
    ['SET a  two words ', 'NOPE', 'get a', 'INCR a', 'DEL a', 'GET a', 'SET a'],
  );
  t.is(lines[0]?.result, 'OK');
  t.regex(String(lines[1]?.error), /^line 2: /);
  t.is(lines[1]?.height, null);
  t.false('result' in (lines[1] ?? {}));
  t.deepEqual(Object.keys(lines[3]?.result ?? {}), ['error'], 'the machine says that it is no number');
  t.is(lines[4]?.result, '1');
  t.is(lines[5]?.result, null);
  t.regex(String(lines[6]?.error), /^line 8: /);
});

test.serial(
  'results go to standard output where that is asked for, and everything else to standard error',
  async (t) => {
    const args = ['cluster', '--replicas', '1', '--commands', '-', '--results', '-', '--exit'];
    const { code, stdout, stderr } = await run(t, args, 'SET a 1\nGET a\n');
    t.is(code, 0, stderr);
    const lines = stdout.trim().split('\n');
    t.deepEqual(
      lines.map((line) => JSON.parse(line).result),
      ['OK', '1'],
    );
    t.regex(stderr, /2 commands committed/);
  },
);

test.serial('a cluster that stays answers submit, status and log, stops at SIGTERM, and is resumed', async (t) => {
  const dir = join(await scratch(t), 'c');
  const cluster = start(t, ['cluster', '--dir', dir]);
  await cluster.said('4 replicas, of which 1 may fail');
  await cluster.said('running');
  const submitted = await run(t, ['submit', '--dir', dir], 'INCR a\nINCR a\nGET a\n');
  t.is(submitted.code, 0, submitted.stderr);
  t.is(submitted.stdout, 'INCR a -> 1\nINCR a -> 2\nGET a -> 2\n');
  t.notRegex(submitted.stderr, /Stopped/);
  const feeder = startFed(t, ['submit', '--dir', dir]);
  feeder.process.stdin?.write('GET a\n');
  await feeder.said('GET a -> 2');
  feeder.process.kill('SIGINT');
  const stopped = await feeder.ended;
  t.is(stopped.code, 0, stopped.stderr);
  t.regex(stopped.stderr, /1 command committed .*Stopped before the end: the commands that follow were not sent/);
  const status = JSON.parse((await run(t, ['status', '--dir', dir, '--json'])).stdout);
  t.deepEqual(
    status.replicas.map(({ reachable }: { reachable: boolean }) => reachable),
    [true, true, true, true],
  );
  const log = await run(t, ['log', '--dir', dir, '--replica', '3', '--limit', '3', '--json']);
  const blocks = log.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  t.deepEqual(
    blocks.map(({ height }) => height),
    [1, 2, 3],
  );
  t.deepEqual(Object.keys(blocks[0]), ['height', 'view', 'hash', 'parent', 'proposer', 'bodyBytes', 'commands']);
  t.is(blocks[1].parent, blocks[0].hash);
  const started = performance.now();
  cluster.process.kill('SIGTERM');
  t.is((await cluster.ended).code, 0);
  t.true(performance.now() - started < 5000);
  const offline = await run(t, ['log', '--dir', dir, '--replica', '3', '--limit', '3', '--json']);
  t.is(offline.stdout, log.stdout);
  const resumed = await run(t, ['cluster', '--dir', dir, '--commands', '-', '--exit', '--json'], 'GET a\n');
  t.is(resumed.code, 0, resumed.stderr);
  t.is((JSON.parse(resumed.stdout) as Closing).commands.committed, 1);
});

test.serial(
  'a cluster that is stopped before the end says in its document what was done, and exits with 0',
  async (t) => {
    const dir = await scratch(t);
    const out = join(dir, 'results.jsonl');
    const feeder = startFed(t, ['cluster', '--commands', '-', '--results', out, '--exit', '--json']);
    feeder.process.stdin?.write('INCR a\nINCR a\n');
    await until('two results', async () => ((await readResults(out)).length === 2 ? true : null));
    const signalled = performance.now();
    feeder.process.kill('SIGTERM');
    const { code, stdout, stderr } = await feeder.ended;
    t.deepEqual([code, stderr], [0, '']);
    t.true(performance.now() - signalled < 5000);
    const document = JSON.parse(stdout) as Closing & { stopped: boolean };
    t.deepEqual(document.commands, { submitted: 2, committed: 2, failed: 0 });
    t.is(document.stopped, true);
    t.deepEqual(
      document.replicas.map(({ id }) => id),
      [0, 1, 2, 3],
    );
    const there = document.replicas.filter(({ committedHeight }) => committedHeight > 0);
    t.true(there.length >= 2, 'f + 1 replicas gave each result; the others may be a block behind');
  },
);

test.serial('a cluster that is stopped while it starts ends with 0 and says that nothing was done', async (t) => {
  const dir = join(await scratch(t), 'c');
  const cluster = start(t, ['cluster', '--dir', dir, '--exit', '--json']);
  await until('its directory is there', () => stat(join(dir, 'cluster.json')).catch(() => null));
  const signalled = performance.now();
  cluster.process.kill('SIGTERM');
  const { code, stdout, stderr } = await cluster.ended;
  t.deepEqual([code, stderr], [0, '']);
  t.true(performance.now() - signalled < 5000);
  const document = JSON.parse(stdout) as Closing & { stopped: boolean };
  t.deepEqual([document.stopped, document.commands.submitted], [true, 0]);
});

test.serial('older results stay when the cluster cannot start, and are replaced by the first of a run', async (t) => {
  const dir = await scratch(t);
  const out = join(dir, 'results.jsonl');
  const file = join(dir, 'commands');
  await writeFile(file, 'INCR a\n');
  await writeFile(out, 'older\n');
  const port = await freeBasePort(2, '127.0.0.1');
  const c = join(dir, 'c');
  await runHere(['init', '--dir', c, '--replicas', '1', '--base-port', `${port}`]);
  const taken = createServer().listen(port, '127.0.0.1');
  await once(taken, 'listening');
  const args = ['cluster', '--dir', c, '--commands', file, '--results', out, '--exit', '--json'];
  t.is((await run(t, args)).code, 1);
  t.is(await readFile(out, 'utf8'), 'older\n');
  taken.close();
  for (let time = 0; time < 2; time += 1) {
    const { code, stderr } = await run(t, args);
    t.is(code, 0, stderr);
    t.is((await readResults(out)).length, 1);
  }
  const full = await run(t, [...args.slice(0, 5), '--results', '/dev/full', '--exit', '--json']);
  t.deepEqual(full, {
    code: 1,
    signal: null,
    stdout: '',
    stderr: 'hotstuff: the results file /dev/full cannot be written: no space left on device (ENOSPC)\n',
  });
});

test.serial('replicas end with the cluster, even when that is killed', async (t) => {
  const dir = join(await scratch(t), 'c');
  const cluster = start(t, ['cluster', '--dir', dir]);
  await cluster.said('running');
  cluster.process.kill('SIGKILL');
  await cluster.ended;
  const again = await run(t, ['cluster', '--dir', dir, '--exit', '--json']);
  t.is(again.code, 0, again.stderr);
});

test.serial('a second signal ends a command at once with exit code 1', async (t) => {
  const dir = join(await scratch(t), 'c');
  const cluster = start(t, ['cluster', '--dir', dir, '--replicas', '1']);
  await cluster.said('running');
  cluster.process.kill('SIGINT');
  cluster.process.kill('SIGTERM');
  const { code } = await cluster.ended;
  t.true(code === 1 || code === 0, 'both signals may arrive before the first is handled');
});

test.serial('standard output may be closed early', async (t) => {
  const dir = join(await scratch(t), 'c');
  await run(t, ['cluster', '--dir', dir, '--replicas', '1', '--commands', '-', '--exit'], 'INCR a\n'.repeat(2000));
  const log = start(t, ['log', '--dir', dir, '--replica', '0', '--json']);
  log.process.stdout?.destroy();
  const { code, stderr } = await log.ended;
  t.deepEqual([code, stderr], [0, '']);
});
