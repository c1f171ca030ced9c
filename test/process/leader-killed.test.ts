import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { runHere, scratch, startFed } from '../support/command-line.js';

/** The process that runs one replica of a directory, found as an operator would: by its command line. */
async function pidOf(dir: string, replica: number): Promise<number> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const args = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => ''); // it may have ended meanwhile
    if (args.includes(`\0start\0--dir\0${dir}\0--replica\0${replica}\0`)) return Number(entry);
  }
  throw new Error(`no process runs replica ${replica} of ${dir}`);
}

/** Asks until a replica answers: on a busy machine the first question may come to nothing. */
async function leaderOf(dir: string): Promise<number> {
  for (;;) {
    const { stdout } = await runHere(['status', '--dir', dir, '--json']);
    const replicas: readonly { readonly reachable: boolean; readonly leader: number }[] = JSON.parse(stdout).replicas;
    const answering = replicas.find(({ reachable }) => reachable);
    if (answering !== undefined) return answering.leader;
  }
}

test('when the leader is killed on the way, all commands are committed once and it comes back and agrees', async (t) => {
  const dir = join(await scratch(t), 'c');
  const commands = 4000;
  const out = `${dir}.jsonl`;
  const cluster = startFed(t, ['cluster', '--dir', dir, '--commands', '-', '--results', out, '--exit', '--json']);
  // The second half comes when the leader is dead, so that it is killed on the way however fast the machine is.
  const half = 'INCR a\n'.repeat(commands / 2);
  cluster.process.stdin?.write(half);
  for (let written = 0; written < 1000; ) written = (await readFile(out, 'utf8').catch(() => '')).split('\n').length;
  const leader = await leaderOf(dir);
  process.kill(await pidOf(dir, leader), 'SIGKILL');
  cluster.process.stdin?.end(half);
  const { code, stdout, stderr } = await cluster.ended;
  t.is(code, 0, stderr);
  t.regex(stderr, new RegExp(`replica ${leader} died \\(SIGKILL\\); starting it again`));
  const closing = JSON.parse(stdout);
  t.deepEqual(closing.commands, { submitted: commands, committed: commands, failed: 0 });
  t.is(new Set(closing.replicas.map(({ stateHash }: { stateHash: string }) => stateHash)).size, 1);
  const results = (await readFile(out, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => Number(JSON.parse(line).result));
  t.deepEqual(
    results.sort((a, b) => a - b),
    Array.from({ length: commands }, (_, index) => index + 1),
    'each command counted once',
  );
});
