/** What reaches what at run time: read from the compiled files, from which types are gone. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../../', import.meta.url));

/** Compiled texts, those of declarations too, by their path below `dist`. */
export type Modules = ReadonlyMap<string, string>;

/** What an import that is called may reach, whatever it names: no harness needs one. */
export const CALLED = 'import()';

export function compiledModules(): Modules {
  const paths = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  const files = paths.filter((path) => /\.(js|d\.ts)$/.test(path));
  return new Map(files.map((path) => [path, readFileSync(join(DIST, path), 'utf8')]));
}

/** What a module imports or exports again: paths below `dist`, and packages as they are called. */
export function importsOf(path: string, text: string): readonly string[] {
  const names = [...text.matchAll(/(?:\bfrom|^\s*import)\s*(['"])([^'"\n]+)\1/gm)].map(([, , name = '']) => name);
  const calls = path.startsWith('test/') && /\b(import\s*\(|createRequire\b)/.test(text);
  return [...names.map((name) => resolved(path, name)), ...(calls ? [CALLED] : [])];
}

function resolved(path: string, name: string): string {
  if (name.startsWith('.')) return join(dirname(path), name);
  return /^hotstuff(\/(actors|simulation))?$/.test(name) ? 'actors/index.js' : name;
}

/** The next module on the way to one of `targets`, by each that reaches one, but not through `gate`. */
export function waysTo(targets: readonly string[], modules: Modules, gate: string): ReadonlyMap<string, string> {
  const code = [...modules].filter(([path]) => path.endsWith('.js') && path !== gate);
  const imported = code.map(([path, text]) => ({ path, names: importsOf(path, text) }));
  const next = new Map(targets.map((target) => [target, target]));
  for (let before = -1; before < next.size; ) {
    before = next.size;
    for (const { path, names } of imported) {
      const way = names.find((name) => next.has(name));
      if (way !== undefined && !next.has(path)) next.set(path, way);
    }
  }
  return next;
}
