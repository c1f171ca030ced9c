/** The table of regressions in test/README.md names tests that exist. */
import { readFileSync } from 'node:fs';
import test from 'ava';

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

test('every bug of the table has a test, and its title stands in its file', (t) => {
  const rows = rowsOf(readFileSync('test/README.md', 'utf8'));
  t.deepEqual(
    numbers(1, ROWS).filter((required) => !rows.some(({ row }) => row === required)),
    [],
  );
  const missing = rows.filter(({ file, title }) => !readFileSync(`test/${file}.test.ts`, 'utf8').includes(title));
  t.deepEqual(missing, []);
});
