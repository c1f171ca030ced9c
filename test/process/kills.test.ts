/** Replica processes that are killed and come back, under load: real processes, sockets and disks. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { HANG_MS, run, scratch, start } from '../support/command-line.js';
import { ProcessCluster, readResults, succeed, until } from '../support/process-cluster.js';
import { assertCounted, type WordCount, writeWordCount } from '../support/word-count.js';

/** A cluster of four with a word count of its own and a place for the results. */
async function prepare(t: ExecutionContext, times: number) {
  t.timeout(HANG_MS);
  const cluster = await ProcessCluster.start(t, 4);
  const directory = await scratch(t);
  const job = await writeWordCount(directory, times);
  const results = join(directory, 'results.jsonl');
  const submit = ['submit', '--dir', cluster.dir, job.commands, '--results', results];
  return { cluster, directory, job, results, submit };
}

/** Submits the job, does `harm` to the cluster when a quarter is acknowledged, and demands every result nonetheless. */
async function submitThrough(
  t: ExecutionContext,
  { submit, results, job }: { submit: readonly string[]; results: string; job: WordCount },
  harm: () => Promise<void>,
): Promise<void> {
  const submitting = start(t, submit);
  await until('a quarter of the results', async () =>
    (await readResults(results)).length > job.words / 4 ? true : null,
  );
  await harm();
  const { code, stderr } = await submitting.ended;
  t.is(code, 0, stderr);
  assertCounted(t, await readResults(results), job);
}

test.serial('the leader is killed under load: nothing is lost or done twice, and it catches up later', async (t) => {
  const setting = await prepare(t, 8);
  const { cluster, results, job } = setting;
  const leader = await cluster.leader();
  await submitThrough(t, setting, async () => {
    await cluster.killReplica(leader);
    t.true((await readResults(results)).length < job.words, 'commands were under way when the leader was killed');
  });
  t.not(await cluster.leader(), leader);
  await cluster.startReplica(leader);
  await cluster.agreement();
});

test.serial('all four are killed under load and start again: nothing is lost or done twice', async (t) => {
  const setting = await prepare(t, 8);
  const { cluster, results, job } = setting;
  await submitThrough(t, setting, async () => {
    await cluster.killAll();
    t.true((await readResults(results)).length < job.words, 'commands were under way when all were killed');
    await cluster.startAll();
  });
  await cluster.agreement();
});

test.serial('a cluster that was killed is resumed by the cluster command, with its counts', async (t) => {
  const { cluster, directory, job, submit } = await prepare(t, 1);
  await succeed(t, submit);
  await cluster.killAll();
  const questions = join(directory, 'questions.txt');
  const answers = join(directory, 'answers.jsonl');
  await writeFile(questions, [...job.counts.keys()].map((word) => `GET ${word}\n`).join(''));
  await succeed(t, ['cluster', '--dir', cluster.dir, '--commands', questions, '--results', answers, '--exit']);
  const found = new Map(
    (await readResults(answers)).map(({ command, result }) => [command.slice('GET '.length), Number(result)]),
  );
  t.deepEqual([...found].toSorted(), [...job.counts].toSorted());
});

test.serial('a replica that was away catches up with what the others did without it', async (t) => {
  const { cluster, submit } = await prepare(t, 1);
  const away = ((await cluster.leader()) + 1) % cluster.size;
  await cluster.killReplica(away);
  await succeed(t, submit);
  await cluster.startReplica(away);
  await cluster.agreement();
});

test.serial('replicas that are asked to stop end within five seconds with exit code 0', async (t) => {
  t.timeout(HANG_MS);
  const cluster = await ProcessCluster.start(t, 4);
  const asked = performance.now();
  const ended = await cluster.killAll('SIGTERM');
  t.true(performance.now() - asked < 5000);
  for (const { code, stderr } of ended) t.is(code, 0, stderr);
});

test.serial('a second process on one replica’s directory is refused in one line', async (t) => {
  t.timeout(HANG_MS);
  const cluster = await ProcessCluster.start(t, 1);
  const { code, stderr } = await run(t, ['start', '--dir', cluster.dir, '--replica', '0']);
  t.is(code, 1);
  t.is(stderr.trimEnd().split('\n').length, 1, stderr);
});
