/** The table of regressions in test/README.md names tests that exist, run, and would notice. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { plantedBugs } from '../gate/catalogue.js';
import { regressions as rows } from '../gate/regression-table.js';

const ROWS = 38;

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** A test file without its comments, which stand on lines of their own. */
function codeOf(file: string): string {
  return withoutComments(readFileSync(`test/${file}.test.ts`, 'utf8'));
}

function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
}

test('every bug of the table has a test, and its title stands in the code of its file', (t) => {
  t.deepEqual(
    numbers(1, ROWS).filter((required) => !rows.some(({ row }) => row === required)),
    [],
  );
  t.deepEqual(
    rows.filter(({ file, title }) => !codeOf(file).includes(title)),
    [],
  );
});

test('no test of a file that the table names is left out', (t) => {
  const left = rows.filter(({ file }) => /\btest\.(\w+\.)*(skip|todo|failing|only)\b/.test(codeOf(file)));
  t.deepEqual(left, []);
});

test('what is commented out is no test', (t) => {
  const text = "test('one', run);\n// test('two', run);\n  /* test('three',\n   run); */\ntest('four', run);\n";
  t.deepEqual(withoutComments(text).match(/one|two|three|four/g), ['one', 'four']);
});

test('every bug of the table names a planted one, which the file of its line must notice and which no other line names', (t) => {
  const planted = rows.filter(({ plant }) => plant !== '');
  t.deepEqual(
    numbers(1, ROWS).filter((wanted) => !planted.some(({ row }) => row === wanted)),
    [],
  );
  t.deepEqual(
    planted.filter(({ file, plant }) => !plantedBugs.some(({ bug, caughtBy }) => bug === plant && caughtBy === file)),
    [],
  );
  t.is(new Set(planted.map(({ plant }) => plant)).size, planted.length);
});
