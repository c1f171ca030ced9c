/** The API reference covers every entry point. That its generator has nothing to complain of, `.ci/run` sees. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

test('the reference is made from the declarations of every entry point', (t) => {
  const { exports } = read('package.json') as {
    readonly exports: Readonly<Record<string, { readonly types?: string }>>;
  };
  const entries = Object.values(exports).flatMap(({ types }) => (types === undefined ? [] : [join(types)]));
  const { entryPoints, treatWarningsAsErrors } = read('docs/api/typedoc.json') as {
    readonly entryPoints: readonly string[];
    readonly treatWarningsAsErrors: boolean;
  };
  t.deepEqual(entryPoints.map((path) => join('docs/api', path)).sort(), entries.sort());
  t.deepEqual(read('docs/api/tsconfig.json').files, entryPoints);
  t.true(treatWarningsAsErrors);
});
