/** Every export says what it is; the check of the reference (`npm run docs`) sees the public ones alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const FOLDERS = ['actors', 'bench', 'bin', 'machines', 'src'];
const EXPORT = /^export (?:async function|abstract class|function|class|const|interface|type|enum) (\w+)/;

/** Names of what `text` exports without a docstring above it. An overload has that of the first. */
function undocumented(text: string): readonly string[] {
  const lines = text.split('\n');
  const names = lines.map((line) => EXPORT.exec(line)?.[1] ?? null);
  return names.filter((name, index): name is string => {
    if (name === null || lines[index - 1]?.trimEnd().endsWith('*/')) return false;
    return name !== names[index - 1];
  });
}

for (const folder of FOLDERS) {
  test(`every export in ${folder} says what it is`, (t) => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    t.true(files.length > 0);
    const missing = files.flatMap((file) => {
      const path = join(folder, file);
      return undocumented(readFileSync(path, 'utf8')).map((name) => `${path}: ${name}`);
    });
    t.deepEqual(missing, []);
  });
}

test('one that says nothing is named', (t) => {
  t.deepEqual(undocumented('/** It is. */\nexport const a = 1;\n\n// It is.\nexport function b(): void {}\n'), ['b']);
  t.deepEqual(undocumented('export class A {}\nexport abstract class B {}\nexport async function c() {}\n'), [
    'A',
    'B',
    'c',
  ]);
  t.deepEqual(undocumented('/** It is. */\nexport function d(): void;\nexport function d(e?: 1): void {}\n'), []);
});
