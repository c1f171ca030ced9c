/** The table of test/README.md: which test holds which bug of other systems down, and what the gate plants to see it fail. */
import { readFileSync } from 'node:fs';
import type { PlantedBug } from './planted-bug.js';

export interface RegressionRow {
  readonly row: number;
  /** Relative to `test/`, without `.test.ts`. */
  readonly file: string;
  readonly title: string;
  /** A planted bug by its description; empty where another line of the row has one. */
  readonly plant: string;
}

/** The rows that stand in a Markdown text. */
export function regressionRows(text: string): readonly RegressionRow[] {
  return text.split('\n').flatMap((line) => {
    const [, row, , file, title, plant] = line.split('|').map((cell) => cell.trim());
    return /^\d+$/.test(row ?? '') && file && title ? [{ row: Number(row), file, title, plant: plant ?? '' }] : [];
  });
}

/** The rows of the table, read from the project at the working directory. */
export const regressions: readonly RegressionRow[] = regressionRows(readFileSync('test/README.md', 'utf8'));

/** A plant that the table names must make its test fail, and no other will do. */
export function asTheTableSays(bug: PlantedBug): PlantedBug {
  const named = regressions.find(({ plant }) => plant === bug.bug);
  return named === undefined ? bug : { ...bug, match: `*${named.title}*` };
}
