/** A signal that comes while a command is still being loaded, and one that comes before it has done anything. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { PROGRAM, runHere, scratch } from '../support/command-line.js';

/**
 * Runs a command that gets SIGTERM from its loader, the moment that it begins to load `module`: then nothing of the
 * command itself has run.
 */
async function signalledAt(t: ExecutionContext, module: string, args: readonly string[]) {
  const dir = await scratch(t);
  await writeFile(
    join(dir, 'hooks.mjs'),
    `export async function load(url, context, next) {
       if (url.endsWith(${JSON.stringify(module)})) {
         process.kill(process.pid, 'SIGTERM');
         await new Promise((resolve) => setTimeout(resolve, 300));
       }
       return next(url, context);
     }`,
  );
  await writeFile(
    join(dir, 'register.mjs'),
    "import { register } from 'node:module'; register('./hooks.mjs', import.meta.url);",
  );
  const child = spawn(process.execPath, ['--import', join(dir, 'register.mjs'), PROGRAM, ...args]);
  child.stdin.end();
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}

async function cluster(t: ExecutionContext): Promise<string> {
  const dir = join(await scratch(t), 'c');
  await runHere(['init', '--dir', dir, '--base-port', `${await freeBasePort(8, '127.0.0.1')}`]);
  return dir;
}

test.serial(
  'a signal while the modules of a command are loaded ends it with 0, as one that comes later does',
  async (t) => {
    const dir = await cluster(t);
    const commands: readonly (readonly [string, readonly string[]])[] = [
      ['start', ['start', '--dir', dir, '--replica', '0', '--json']],
      ['submit', ['submit', '--dir', dir]],
      ['status', ['status', '--dir', dir]],
      ['evidence', ['evidence', '--dir', dir, '--replica', '1', '--json']],
      ['log', ['log', '--dir', dir, '--replica', '1', '--json']],
    ];
    for (const [name, args] of commands) {
      const { code, signal, stderr } = await signalledAt(t, `/bin/commands/${name}.js`, args);
      t.deepEqual([name, code, signal], [name, 0, null], stderr);
    }
  },
);

test.serial('a cluster that was signalled before it was loaded prints its document', async (t) => {
  const args = ['cluster', '--commands', '-', '--exit', '--json'];
  const { code, stdout, stderr } = await signalledAt(t, '/bin/commands/cluster.js', args);
  t.is(code, 0, stderr);
  t.true(JSON.parse(stdout).stopped);
});
