import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';

type Plants = Readonly<Record<string, readonly string[]>>;

const project = new URL('../../../', import.meta.url).pathname;

/** By folder: what its files may not import, each planted in a file of its own. */
const forbiddenImports: Plants = {
  src: [
    './adapters/x.js',
    './wire/x.js',
    './runtime/x.js',
    '../actors/x.js',
    'node:fs',
    'node:http',
    'prom-client',
    'ws',
  ],
  'src/protocol': [
    ...[
      '../wire/x.js',
      '../crypto/x.js',
      '../runtime/x.js',
      '../config/x.js',
      '../simulation/x.js',
      '../adapters/x.js',
    ],
    ...['../../machines/x.js', '../../actors/x.js', '../../bin/x.js', '../../examples/x/x.js', '../logger.js'],
    ...['ws', 'level', 'xstate', 'node:crypto', 'node:fs', 'node:timers/promises', '@noble/hashes/sha2.js', 'fs'],
  ],
  'src/protocol/rules': ['../../runtime/x.js', '../../../actors/x.js', '../../random.js', 'micro-packed'],
  'src/runtime': [
    '../protocol/x.js',
    '../wire/x.js',
    '../adapters/x.js',
    '../../actors/x.js',
    'node:worker_threads',
    'node:http',
    'prom-client',
  ],
  'src/wire': ['../runtime/x.js', '../adapters/x.js', '../../actors/x.js', 'node:crypto', 'sodium-native', 'ws'],
  'src/crypto': ['../wire/x.js', '../adapters/x.js', '../../actors/x.js', 'node:fs', 'micro-packed', '@peculiar/x509'],
  'src/config': ['../adapters/x.js', '../wire/x.js', '../../actors/x.js', 'node:fs', 'micro-packed'],
  'src/simulation': ['../adapters/x.js', '../../actors/x.js', '../../test/x.js', 'node:fs', 'ws'],
  'src/adapters': [
    '../../actors/x.js',
    '../../machines/x.js',
    '../simulation/x.js',
    'sodium-native',
    'micro-packed',
    'xstate',
  ],
  machines: [
    '../actors/x.js',
    '../src/runtime/x.js',
    '../src/wire/x.js',
    '../src/adapters/x.js',
    '../src/random.js',
    'node:fs',
  ],
  actors: [
    ...['../bin/x.js', '../examples/x/x.js', '../test/x.js'],
    ...['ws', 'level', 'piscina', 'xstate', 'prom-client', 'node:fs', 'node:http'],
  ],
  'actors/metrics': ['../../src/adapters/x.js', 'prom-client', 'node:http', 'node:perf_hooks'],
  'actors/consensus': [
    ...['../../src/adapters/x.js', '../../bin/x.js', '../../bench/x.js', '../../src/simulation/x.js'],
    ...['ws', 'level', 'piscina', 'xstate', 'node:fs', 'node:tls', 'node:net', 'node:worker_threads', 'node:crypto'],
  ],
  'actors/simulation': ['../../src/adapters/x.js', '../../bin/x.js', 'ws', 'node:fs'],
  bin: ['../test/x.js', 'ws', 'level', 'sodium-native', 'xstate', 'prom-client'],
  bench: ['../test/x.js', '../bin/x.js', 'level', 'prom-client'],
  'examples/key-value': ['../../src/errors.js', '../../actors/index.js', '../counting/x.js'],
};

/** The same, for what they must be able to import. */
const allowedImports: Plants = {
  'src/protocol': ['./x.js', '../errors.js'],
  'src/protocol/rules': ['./x.js', '../x.js', '../../errors.js'],
  'src/runtime': ['./x.js', '../errors.js', '../logger.js'],
  'src/wire': ['micro-packed', '../protocol/x.js', '../crypto/x.js', '../config/x.js'],
  'src/crypto': ['sodium-native', '../protocol/x.js'],
  'src/adapters': [
    'ws',
    'level',
    'node:fs',
    'node:fs/promises',
    'node:tls',
    'node:crypto',
    'node:http',
    'prom-client',
    '../runtime/x.js',
    '../wire/x.js',
  ],
  machines: ['xstate', '../src/protocol/x.js', '../src/errors.js'],
  actors: ['../src/adapters/x.js', './consensus/x.js', '../machines/x.js'],
  'actors/consensus': ['./x.js', '../roles.js', '../../machines/x.js', '../../src/wire/x.js'],
  'actors/simulation': ['../../src/simulation/x.js', '../compose-replica.js', '../../src/wire/x.js'],
  bin: [
    'commander',
    'beautiful-mermaid',
    'node:fs',
    '../actors/x.js',
    '../src/adapters/x.js',
    '../examples/key-value/x.js',
  ],
  'bench/reference': ['ws', 'sodium-native', 'node:worker_threads'],
  'examples/key-value': ['hotstuff', './x.js'],
  'test/wire': ['ava', 'node:fs', '../../src/adapters/x.js', '../../actors/x.js'],
};

const ambient: readonly string[] = [
  ...['Date.now()', 'new Date()', 'performance.now()', 'setTimeout(f, 1)', 'setInterval(f, 1)', 'setImmediate(f)'],
  ...['queueMicrotask(f)', 'process.env', 'process.hrtime()', 'crypto.randomUUID()', 'globalThis.Date', "fetch('')"],
];
const randomness: readonly string[] = [
  'Math.random()',
  "Math['random']()",
  '{ const { random } = Math; return random(); }',
];
const pureFolders = ['src', 'src/protocol', 'src/simulation', 'actors', 'actors/consensus', 'machines', 'examples/kv'];
const inEachOf = (folders: readonly string[], lines: readonly string[]): Plants =>
  Object.fromEntries(folders.map((folder) => [folder, lines]));

const importOf = (name: string) => `import '${name}';\n`;
const useOf = (use: string) => `export const f = () => ${use};\n`;

/** Lints a copy of the project that holds nothing but the planted files; the rules that object, by file. */
function lint(files: ReadonlyMap<string, string>): { exitCode: number | null; rules: Map<string, string[]> } {
  const copy = mkdtempSync(join(tmpdir(), 'hotstuff-house-'));
  try {
    for (const name of ['biome.json', 'no-ambient.grit', 'package.json', '.gitignore'])
      copyFileSync(join(project, name), join(copy, name));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    return runLint(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Runs the command of `npm run lint`. */
function runLint(directory: string): ReturnType<typeof lint> {
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { scripts: { lint: string } };
  const [command = '', ...options] = manifest.scripts.lint.split(' ');
  const args = [...options, '--reporter=json', '--max-diagnostics=none'];
  const { status, stdout } = spawnSync(join(project, 'node_modules/.bin', command), args, {
    cwd: directory,
    encoding: 'utf8',
  });
  const report = JSON.parse(stdout.slice(0, stdout.lastIndexOf('}') + 1)) as {
    diagnostics: { category: string; location: { path: string } }[];
  };
  const rules = new Map<string, string[]>();
  for (const { category, location } of report.diagnostics) {
    rules.set(location.path, [...(rules.get(location.path) ?? []), category]);
  }
  return { exitCode: status, rules };
}

/** Names a file for each planted line; extra lines keep one file to one violation. */
function plant(plants: Plants, textOf: (line: string) => string): Map<string, string> {
  const files = Object.entries(plants).flatMap(([folder, lines]) =>
    lines.map((line, index) => [`${folder}/planted-${index}.ts`, textOf(line)] as const),
  );
  return new Map(files);
}

test('every forbidden import is refused, in the folder that forbids it', (t) => {
  const files = plant(forbiddenImports, importOf);
  const { exitCode, rules } = lint(files);
  t.is(exitCode, 1);
  for (const [path, text] of files)
    t.true(rules.get(path)?.includes('lint/style/noRestrictedImports'), `${path}: ${text}`);
});

test('what a folder needs is not refused', (t) => {
  const files = plant(allowedImports, importOf);
  const { exitCode, rules } = lint(files);
  t.deepEqual([...rules], []);
  t.is(exitCode, 0);
});

test('an import is refused in all its forms', (t) => {
  const forms = [
    "export * from 'ws';\n",
    "import type { Data } from 'ws';\n\nexport type D = Data;\n",
    "export const f = () => import('ws');\n",
  ];
  const files = plant({ 'actors/network': forms }, (text) => text);
  const { rules } = lint(files);
  for (const [path, text] of files) t.true(rules.get(path)?.includes('lint/style/noRestrictedImports'), text);
});

test('src/crypto hashes and verifies with node:crypto but draws no random bytes from it', (t) => {
  const use = (name: string) => `import { ${name} } from 'node:crypto';\n\nexport const f = ${name};\n`;
  const refused = plant({ 'src/crypto': ['randomBytes', 'randomUUID', 'webcrypto', 'generateKeyPairSync'] }, use);
  const allowed = plant({ 'src/crypto': ['createHash', 'hash', 'sign', 'verify', 'timingSafeEqual'] }, use);
  const { rules } = lint(refused);
  for (const [path, text] of refused) t.true(rules.get(path)?.includes('lint/style/noRestrictedImports'), text);
  t.deepEqual([...lint(allowed).rules], []);
});

test('clocks, timers, the environment and the network are refused outside adapters, bin, bench and tests', (t) => {
  const files = plant(inEachOf(pureFolders, ambient), useOf);
  const { rules } = lint(files);
  for (const [path, text] of files)
    t.true(rules.get(path)?.includes('lint/style/noRestrictedGlobals'), `${path}: ${text}`);
});

test('Math.random is refused outside adapters, bin, bench and tests, by whatever path', (t) => {
  const files = plant(inEachOf(pureFolders, randomness), useOf);
  const { rules } = lint(files);
  for (const [path, text] of files) t.true(rules.get(path)?.includes('plugin'), `${path}: ${text}`);
});

test('adapters, bin, bench and tests may use clocks, timers, the environment and Math', (t) => {
  const known = [...ambient.filter((use) => !use.startsWith('fetch')), 'Math.random()'];
  const { rules } = lint(plant(inEachOf(['src/adapters', 'bin', 'bench', 'test/process'], known), useOf));
  t.deepEqual(
    [...new Set([...rules.values()].flat())].filter((rule) => /plugin|noRestricted/.test(rule)),
    [],
  );
});

test('Math without randomness is allowed everywhere', (t) => {
  const { rules } = lint(plant(inEachOf(pureFolders, ['Math.max(1, 2)']), useOf));
  t.deepEqual([...rules], []);
});

test('an import cycle is refused, even of types alone', (t) => {
  const half = (name: string, other: string) =>
    `import type { ${other} } from './${other.toLowerCase()}.js';\n\nexport interface ${name} {\n  other: ${other};\n}\n`;
  const { rules } = lint(
    new Map([
      ['actors/a.ts', half('A', 'B')],
      ['actors/b.ts', half('B', 'A')],
    ]),
  );
  t.deepEqual(rules.get('actors/a.ts'), ['lint/suspicious/noImportCycles']);
});

test('any, console, a forgotten await and a default export are refused', (t) => {
  const plants: readonly (readonly [string, string, string])[] = [
    ['src/any.ts', 'export const f = (x: any) => x;\n', 'lint/suspicious/noExplicitAny'],
    ['src/console.ts', "export const f = () => console.log('x');\n", 'lint/suspicious/noConsole'],
    [
      'bin/floating.ts',
      'const f = async () => {};\nexport const g = () => {\n  f();\n};\n',
      'lint/nursery/noFloatingPromises',
    ],
    ['src/default.ts', 'export default 1;\n', 'lint/style/noDefaultExport'],
  ];
  const { rules } = lint(new Map(plants.map(([path, text]) => [path, text])));
  for (const [path, text, rule] of plants) t.deepEqual(rules.get(path), [rule], text);
});

test('a warning fails the lint, as an error does', (t) => {
  const { exitCode, rules } = lint(
    new Map([['src/unused.ts', "import { x } from './x.js';\n\nexport const y = 1;\n"]]),
  );
  t.deepEqual(rules.get('src/unused.ts'), ['lint/correctness/noUnusedImports']);
  t.is(exitCode, 1);
});
