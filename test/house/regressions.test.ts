/** The table of regressions in test/README.md names tests that exist, run, and would notice. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { plantedBugs } from '../gate/catalogue.js';

interface Row {
  readonly row: number;
  readonly file: string;
  readonly title: string;
}

const ROWS = 38;

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function rowsOf(text: string): readonly Row[] {
  return text.split('\n').flatMap((line) => {
    const [, row, , file, title] = line.split('|').map((cell) => cell.trim());
    return /^\d+$/.test(row ?? '') && file && title ? [{ row: Number(row), file, title }] : [];
  });
}

/** A test file without its comments, which stand on lines of their own. */
function codeOf(file: string): string {
  return withoutComments(readFileSync(`test/${file}.test.ts`, 'utf8'));
}

function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
}

const rows = rowsOf(readFileSync('test/README.md', 'utf8'));

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

test('for every bug of the table the gate plants one that a file of its row must notice', (t) => {
  const watched = new Set(plantedBugs.map(({ caughtBy }) => caughtBy));
  t.deepEqual(
    numbers(1, ROWS).filter((wanted) => !rows.some(({ row, file }) => row === wanted && watched.has(file))),
    [],
  );
});
