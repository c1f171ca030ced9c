import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { scratch } from '../support/command-line.js';
import { succeedHere } from '../support/process-cluster.js';

const project = fileURLToPath(new URL('../../../', import.meta.url));

test('the application in the readme is examples/sum/sum.ts to the letter, in thirty lines', async (t) => {
  const readme = await readFile(join(project, 'README.md'), 'utf8');
  const [, block] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  t.is(block, await readFile(join(project, 'examples/sum/sum.ts'), 'utf8'));
  t.true((block?.trimEnd().split('\n').length ?? Number.POSITIVE_INFINITY) <= 30);
});

test('every program in the readme is a file of examples to the letter, which the compiler has seen', async (t) => {
  const readme = await readFile(join(project, 'README.md'), 'utf8');
  const programs = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, program]) => program);
  const files = ['examples/sum/sum.ts', 'examples/own-actor/own-actor.ts'];
  t.deepEqual(programs, await Promise.all(files.map((file) => readFile(join(project, file), 'utf8'))));
});

test('the application in the readme adds up, says in one line what is no number, and ends', async (t) => {
  const dir = join(await scratch(t), 'cluster');
  await succeedHere(t, ['init', '--dir', dir, '--base-port', `${await freeBasePort(8, '127.0.0.1')}`]);
  const program = join(project, 'dist/examples/sum/sum.js');
  const args = [program, dir, '1', '20', 'twenty', '300'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  t.deepEqual(stdout.trimEnd().split('\n'), ['1', '21', 'the replicas do not take this command: invalid', '321']);
  t.is(stderr, '');
});
