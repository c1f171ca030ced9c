/** Replicas of a local cluster that cannot be started again: what `cluster --exit` says then, and that it ends. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { type Running, scratch, startFed } from '../support/command-line.js';
import { readResults, until } from '../support/process-cluster.js';

interface Fed {
  readonly dir: string;
  readonly results: string;
  readonly cluster: Running;
}

/** A cluster of four that has committed one command and waits for more. */
async function fedCluster(t: ExecutionContext): Promise<Fed> {
  const scratched = await scratch(t);
  const [dir, results] = [join(scratched, 'c'), join(scratched, 'results.jsonl')];
  const args = ['cluster', '--dir', dir, '--commands', '-', '--results', results, '--exit', '--json'];
  const cluster = startFed(t, args);
  cluster.process.stdin?.write('INCR a\n');
  await until('the first result', async () => ((await readResults(results)).length === 1 ? true : null));
  return { dir, results, cluster };
}

async function kill(dir: string, id: number): Promise<void> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,args=']);
  const line = stdout.split('\n').find((each) => each.includes(`start --dir ${dir} --replica ${id} `));
  if (line === undefined) throw new Error(`replica ${id} does not run`);
  process.kill(Number.parseInt(line, 10), 'SIGKILL');
}

/** Kills a replica and takes away what it needs to start. */
async function lose({ dir, cluster }: Fed, id: number): Promise<void> {
  await rm(join(dir, `replica-${id}`, 'signing.key'));
  await kill(dir, id);
  await cluster.said(`replica ${id} did not start`);
}

test.serial('a replica that is killed is started again, and has what was committed meanwhile', async (t) => {
  const { dir, cluster } = await fedCluster(t);
  await kill(dir, 2);
  cluster.process.stdin?.end('INCR a\n');
  const { code, stdout, stderr } = await cluster.ended;
  t.deepEqual([code, stderr], [0, 'replica 2 died (SIGKILL); starting it again\n']);
  t.is(new Set(JSON.parse(stdout).replicas.map((seen: object) => JSON.stringify({ ...seen, id: 0 }))).size, 1);
});

test.serial('a replica that cannot start again is named when the others have everything: exit code 1', async (t) => {
  const fed = await fedCluster(t);
  await lose(fed, 2);
  fed.cluster.process.stdin?.end('INCR a\n');
  const { code, stdout, stderr } = await fed.cluster.ended;
  t.is(code, 1);
  const { commands, replicas } = JSON.parse(stdout);
  t.deepEqual(commands, { submitted: 2, committed: 2, failed: 0 });
  t.deepEqual(replicas[2], { id: 2, committedHeight: null, stateHash: null });
  t.is(new Set([0, 1, 3].map((id) => replicas[id].stateHash)).size, 1);
  t.regex(
    stderr.trim().split('\n').at(-1) ?? '',
    /^hotstuff: not committed everywhere: replica 2 did not start: .*signing\.key/,
  );
});

test.serial('with f+1 of them gone what is in flight fails, and the cluster ends', async (t) => {
  const fed = await fedCluster(t);
  await lose(fed, 1);
  await lose(fed, 2);
  const began = performance.now();
  fed.cluster.process.stdin?.write('INCR a\n');
  const { code, stderr } = await fed.cluster.ended;
  t.is(code, 1);
  t.regex(stderr.trim().split('\n').at(-1) ?? '', /^hotstuff: .*replica 1 did not start.*replica 2 did not start/);
  t.true(performance.now() - began < 30_000);
});
