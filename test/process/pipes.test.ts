/** Named pipes as files of commands and results: nothing waits so that only a kill would end it. */
import { execFile } from 'node:child_process';
import { constants, createReadStream } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { PROGRAM, run, scratch, start } from '../support/command-line.js';
import { ProcessCluster, until } from '../support/process-cluster.js';

const STOPS_MS = 5000;

async function makePipe(t: ExecutionContext): Promise<string> {
  const path = join(await scratch(t), 'pipe');
  await promisify(execFile)('mkfifo', [path]);
  return path;
}

test.serial('a command that waits for a writer of a pipe ends in order at a signal', async (t) => {
  const pipe = await makePipe(t);
  const cluster = start(t, ['cluster', '--commands', pipe, '--replicas', '1', '--json']);
  const writer = await until('the pipe is open for reading', () => opened(pipe));
  const signalled = performance.now();
  cluster.process.kill('SIGTERM');
  const { code, stdout, stderr } = await cluster.ended;
  t.deepEqual([code, stderr], [0, '']);
  t.is(JSON.parse(stdout).stopped, true);
  t.true(performance.now() - signalled < STOPS_MS);
  await writer.close();
});

test.serial(
  'submit takes commands and gives results through pipes, and waits for either end without holding on',
  async (t) => {
    const { dir } = await ProcessCluster.start(t, 1);
    const [from, to] = [await makePipe(t), await makePipe(t)];
    const args = ['submit', from, '--dir', dir, '--results', to];

    const unread = start(t, args);
    const feed = await until('the pipe is open for reading', () => opened(from));
    const signalled = performance.now();
    unread.process.kill('SIGINT');
    t.is((await unread.ended).code, 0, 'nobody reads the results');
    t.true(performance.now() - signalled < STOPS_MS);
    await feed.close();

    const served = start(t, args);
    const results = text(createReadStream(to));
    await writeFile(from, 'SET a 1\nGET a\n');
    const { code, stderr } = await served.ended;
    t.is(code, 0, stderr);
    const lines = (await results).trim().split('\n');
    t.deepEqual(
      lines.map((line) => JSON.parse(line).result),
      ['OK', '1'],
    );
  },
);

test.serial('a pipe for charts that nobody reads ends at a signal', async (t) => {
  const pipe = await makePipe(t);
  const charts = start(t, ['charts', '--out', pipe]);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  t.is(charts.process.exitCode, null);
  charts.process.kill('SIGTERM');
  t.is((await charts.ended).code, 0);
  const read = start(t, ['charts', 'block', '--format', 'json', '--out', pipe]);
  t.is(JSON.parse(await readFile(pipe, 'utf8')).charts[0].name, 'block');
  t.is((await read.ended).code, 0);
});

test('a directory as commands is refused by name, on standard input too', async (t) => {
  const dir = await scratch(t);
  const file = await run(t, ['cluster', '--commands', dir, '--exit']);
  t.deepEqual([file.code, file.stderr], [1, `hotstuff: the commands ${dir} cannot be read: it is a directory\n`]);
  const shell = promisify(execFile)('sh', [
    '-c',
    `exec "$0" "$1" cluster --commands - --exit < '${dir}'`,
    process.execPath,
    PROGRAM,
  ]);
  const { code, stderr } = await shell.catch((error) => error);
  t.deepEqual([code, stderr], [1, 'hotstuff: the commands on standard input cannot be read: it is a directory\n']);
});

/** A writer of the pipe, once there is a reader. */
async function opened(path: string) {
  const { O_WRONLY, O_NONBLOCK } = constants;
  return await open(path, O_WRONLY | O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENXIO') return null;
    throw error;
  });
}
