/** `npm run hotstuff` in a checkout that is not built. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { scratch } from '../support/command-line.js';

const LAUNCHER = fileURLToPath(new URL('../../../bin/checkout.mjs', import.meta.url));

/** A checkout whose compiler is `compiler`, or which has none. */
async function checkout(t: ExecutionContext, compiler: string | null): Promise<string> {
  const dir = await scratch(t);
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  };
  await put('package.json', '{"type":"module"}');
  await put('bin/readme', '');
  await copyFile(LAUNCHER, join(dir, 'bin', 'checkout.mjs'));
  if (compiler !== null) await put('node_modules/typescript/bin/tsc', compiler);
  if (compiler !== null) await put('node_modules/typescript/package.json', '{"type":"module"}');
  return join(dir, 'bin', 'checkout.mjs');
}

const ran = (launcher: string) =>
  promisify(execFile)(process.execPath, [launcher, 'one', 'two']).catch((error) => error);

const builds = `
  import { mkdirSync, writeFileSync } from 'node:fs';
  const dist = new URL('../../../dist/bin/', import.meta.url);
  mkdirSync(dist, { recursive: true });
  writeFileSync(new URL('hotstuff.js', dist), 'console.log(process.argv.slice(2).join())');`;

test('the program is built where it is missing, once, and gets its arguments', async (t) => {
  const launcher = await checkout(t, builds);
  const first = await ran(launcher);
  t.deepEqual([first.stdout, first.stderr], ['one,two\n', 'hotstuff: built once first, since dist/ is missing\n']);
  const second = await ran(launcher);
  t.deepEqual([second.stdout, second.stderr], ['one,two\n', '']);
});

test('a build that fails and a compiler that is missing are told, with exit code 1', async (t) => {
  const failed = await ran(await checkout(t, 'process.exit(2);'));
  t.is(failed.code, 1);
  t.regex(failed.stderr, /\nhotstuff: the build failed; npm run build shows why\n$/);
  const missing = await ran(await checkout(t, null));
  t.is(missing.code, 1);
  t.regex(missing.stderr, /\nhotstuff: there is no compiler here; run npm ci first\n$/);
});
