/** Whoever builds an actor's stage declares its tests on both hosts, and the stage has all that goes in and out cross. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import * as defaultActors from '../../actors/default-actors.js';

/** Texts of source files by their path below `test`. */
type Sources = ReadonlyMap<string, string>;

interface Import {
  /** Below `test`, or what a package is called. */
  readonly from: string;
  readonly names: readonly string[];
}

const HOSTS = 'support/hosts.ts';
/** What makes an actor: a file that imports one of them builds its stage. */
const FACTORIES = [...Object.keys(defaultActors), 'createManualPacemaker', 'createClientActor'];
/** What has messages and effects cross the border of a thread on the second host. */
const CROSSINGS = ['asCrossed', 'systemOnHost'];

/** Test files that import a factory and run nothing, or that have tests for one host, each with its reason. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['actors/replacement.test.ts', 'the actor that it makes is told nothing'],
]);
const ON_ONE_THREAD: ReadonlyMap<string, string> = new Map([
  ['actors/consensus/leader-schedule.test.ts', 'what it compares are paces, with the turns of one thread'],
]);

function sourcesBelow(...folders: readonly string[]): Map<string, string> {
  const paths = folders.flatMap((folder) =>
    readdirSync(join('test', folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  );
  const files = paths.filter((path) => path.endsWith('.ts'));
  return new Map(files.map((path) => [path, readFileSync(join('test', path), 'utf8')]));
}

/** What a file imports and does not forget at run time. A default import is called `default`. */
function importsOf(path: string, text: string): readonly Import[] {
  return [...text.matchAll(/^import (?!type )([^;]*?) from '([^']+)';$/gm)].map(([, clause = '', from = '']) => {
    const [outside = '', inside = ''] = clause.split(/[{}]/);
    const named = inside.split(',').map((name) => name.trim());
    const names = named.filter((name) => name !== '' && !name.startsWith('type '));
    const byDefault = outside.replace(',', '').trim() === '' ? [] : ['default'];
    const below = from.startsWith('.') ? join(path, '..', from).replace(/\.js$/, '.ts') : from;
    return { from: below, names: [...byDefault, ...names.map((name) => name.replace(/ as .*$/, ''))] };
  });
}

function importsAny(imports: readonly Import[], names: readonly string[]): boolean {
  return imports.some((each) => each.names.some((name) => names.includes(name)));
}

/** The harnesses of `test/support` that build an actor, themselves or by another one. */
function stagesOf(sources: Sources): ReadonlySet<string> {
  const support = [...sources].filter(([path]) => path.startsWith('support/'));
  const stages = new Set<string>();
  for (let before = -1; before < stages.size; ) {
    before = stages.size;
    for (const [path, text] of support) {
      const imports = importsOf(path, text);
      const isStage = importsAny(imports, FACTORIES) || importsAny(imports, CROSSINGS);
      if (isStage || imports.some(({ from }) => stages.has(from))) stages.add(path);
    }
  }
  return stages;
}

/** Those that have everything cross: by themselves, or since they extend one that does. */
function crosses(path: string, sources: Sources): boolean {
  const text = sources.get(path) ?? '';
  const imports = importsOf(path, text);
  if (importsAny(imports, CROSSINGS)) return true;
  const [, parent] = /^export class \w+ extends (\w+)/m.exec(text) ?? [];
  return imports.some(({ from, names }) => names.includes(parent ?? '') && crosses(from, sources));
}

/** The test files of actors that build a stage. */
function stagedTests(sources: Sources): readonly string[] {
  const stages = stagesOf(sources);
  const tests = [...sources].filter(([path]) => path.endsWith('.test.ts') && !EXCEPTIONS.has(path));
  return tests.flatMap(([path, text]) => {
    const imports = importsOf(path, text);
    const builds = importsAny(imports, FACTORIES) || imports.some(({ from }) => stages.has(from));
    return builds ? [path] : [];
  });
}

/** Harnesses that test files of actors reach, and that make an actor. */
function reachedBuilders(sources: Sources): readonly string[] {
  const reached = new Set(stagedTests(sources));
  for (const path of reached) {
    for (const { from } of importsOf(path, sources.get(path) ?? '')) if (sources.has(from)) reached.add(from);
  }
  const makesOne = (path: string) => importsAny(importsOf(path, sources.get(path) ?? ''), FACTORIES);
  return [...reached].filter((path) => path.startsWith('support/') && makesOne(path)).sort();
}

/** What is not on both hosts, a line each. */
function problemsOf(sources: Sources): readonly string[] {
  const tests = stagedTests(sources).flatMap((path) => {
    const imports = importsOf(path, sources.get(path) ?? '');
    const hosts = imports.filter(({ from }) => from === HOSTS);
    if (!importsAny(hosts, ['onBothHosts'])) return [`${path}: no test of it runs on both hosts`];
    const isOnOne = imports.some(({ from, names }) => from === 'ava' && names.includes('default'));
    if (isOnOne) return [`${path}: some tests run on one host, those of ava itself`];
    return importsAny(hosts, ['onOneThread']) && !ON_ONE_THREAD.has(path)
      ? [`${path}: tests on one thread, and no reason among the exceptions`]
      : [];
  });
  const harnesses = reachedBuilders(sources).filter((path) => !crosses(path, sources));
  return [...tests, ...harnesses.map((path) => `${path}: nothing that it sends to the actor crosses`)];
}

const sources = sourcesBelow('support', 'actors');

test('every test file that builds an actor’s stage runs on both hosts, and every stage crosses', (t) => {
  t.deepEqual(problemsOf(sources), []);
  for (const path of [...EXCEPTIONS.keys(), ...ON_ONE_THREAD.keys()]) t.true(sources.has(path), path);
});

test('a test file whose second host is taken away is named, whichever it is', (t) => {
  const paths = stagedTests(sources);
  t.true(paths.length > 30, `${paths.length} files`);
  const folders = new Set(paths.map((path) => path.split('/')[1]));
  const roles = ['client', 'consensus', 'gateway', 'network', 'pacemaker', 'proposal-generator', 'replica', 'storage'];
  t.deepEqual([...folders].sort(), [...roles, 'sync']);
  for (const path of paths) {
    const text = sources.get(path) ?? '';
    const onOne = text.replace(
      /^import \{[^}]*onBothHosts as test[^}]*\} from '.*hosts\.js';$/m,
      "import test from 'ava';",
    );
    t.not(onOne, text, path);
    t.deepEqual(problemsOf(new Map(sources).set(path, onOne)), [`${path}: no test of it runs on both hosts`]);
    const half = `import ava from 'ava';\n${text}`;
    t.deepEqual(problemsOf(new Map(sources).set(path, half)), [
      `${path}: some tests run on one host, those of ava itself`,
    ]);
  }
});

test('a stage that stays on the test’s own thread is named, whichever it is', (t) => {
  const stages = reachedBuilders(sources);
  t.true(stages.includes('support/client-stage.ts') && stages.length >= 8, stages.join());
  for (const path of stages) {
    const text = sources.get(path) ?? '';
    const staying = text.replace(/^import \{[^}]*\} from '\.\/hosts\.js';$/m, '').replace(/ extends Stage</, ' holds<');
    t.not(staying, text, path);
    const problems = problemsOf(new Map(sources).set(path, staying));
    t.true(problems.includes(`${path}: nothing that it sends to the actor crosses`), `${path}: ${problems.join()}`);
  }
});
