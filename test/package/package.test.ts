/** The package as a user gets it: packed, unpacked outside the tree, compiled against strictly, and run. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { scratch } from '../support/command-line.js';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const sources = join(project, 'test/package/project');
const tool = (name: string) => join(project, 'node_modules/.bin', name);

/** What a careful user switches on: nothing of ours may depend on its being off. */
const STRICT = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023'],
    types: ['node'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    rootDir: '.',
    outDir: 'out',
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
  },
};

/** Runs a program to its end; what it printed. Rejects with all of it when the exit code is not 0. */
async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, [...args], { cwd, timeout: 120_000 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}

/** Packed once, for all tests. */
let tarball = '';

test.before(async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'hotstuff-package-'));
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', dir], project);
  const [name] = await readdir(dir);
  t.truthy(name);
  tarball = join(dir, `${name}`);
});

test.after.always(async () => {
  if (tarball !== '') await rm(dirname(tarball), { recursive: true, force: true });
});

/** A project that has the tarball in its node_modules, and beside it what a registry would have given. */
async function install(t: ExecutionContext): Promise<string> {
  const dir = await scratch(t);
  const installed = join(dir, 'node_modules/hotstuff');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'], dir);
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const name of [...Object.keys(manifest.dependencies), '@types/node']) {
    const link = join(dir, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(project, 'node_modules', name), link);
  }
  for (const name of await readdir(sources)) await copyFile(join(sources, name), join(dir, name));
  await writeFile(join(dir, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify(STRICT));
  return dir;
}

test('a project outside the tree compiles strictly, replaces storage by its own, and commits', async (t) => {
  t.timeout(180_000, 'packing, compiling and three starts');
  const dir = await install(t);
  await run(tool('tsc'), ['-p', '.'], dir);
  const hotstuff = join(dir, 'node_modules/hotstuff/dist/bin/hotstuff.js');
  const cluster = join(dir, 'cluster');
  const port = await freeBasePort(2, '127.0.0.1');
  await run(process.execPath, [hotstuff, 'init', '--dir', cluster, '--replicas', '1', '--base-port', `${port}`], dir);
  const { memory, counting, ported, performed } = JSON.parse(
    await run(process.execPath, [join(dir, 'out/main.js'), cluster], dir),
  );
  t.like(memory, { result: 'hello' });
  t.true(memory.own.persisted > 0);
  t.like(counting, { result: 'hello', own: { name: 'ours, counted', seen: { openStore: 1 } } });
  t.true(counting.own.seen.persist > 0);
  t.like(ported, { result: 'hello' });
  t.true(performed.writeEntries > 0);
});

test('publint and are-the-types-wrong find nothing in the package', async (t) => {
  t.regex(await run(tool('publint'), ['run', tarball, '--strict'], project), /All good/);
  // It fails where it finds a problem; what it prints shows that it looked at the entry points.
  t.regex(await run(tool('attw'), [tarball, '--profile', 'esm-only'], project), /"hotstuff\/actors"/);
});
