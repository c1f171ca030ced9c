/** The declarations that an entry point leads to: users compile them, with whatever they have switched on. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const { exports } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, { readonly types: string }>>;
};

/** Every package that the declarations behind `entry` name, with the way that leads there. */
function packagesBehind(entry: string): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  const follow = (file: string, way: readonly string[]): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const here = [...way, relative(project, file)];
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)) {
      if (name.startsWith('.')) follow(join(dirname(file), name.replace(/\.js$/, '.d.ts')), here);
      else found.push([...here, name].join(' → '));
    }
  };
  follow(join(project, exports[entry]?.types ?? ''), []);
  return found;
}

for (const entry of ['.', './runtime', './protocol', './actors']) {
  test(`the public types of ${entry} lead to no declaration of xstate or piscina`, (t) => {
    t.deepEqual(
      packagesBehind(entry).filter((way) => /(xstate|piscina)[^ ]*$/.test(way)),
      [],
    );
  });
}

test('the way to a library is found where there is one', (t) => {
  t.true(packagesBehind('./machines').some((way) => way.endsWith('machines/compile.d.ts → xstate')));
});
