import { readFileSync } from 'node:fs';
import test from 'ava';
import { declaredPairs } from '../../actors/simulate.js';
import { strategyNames } from '../../actors/simulation/liars/strategies.js';
import { MARKS, STATES } from '../../bin/floor-tables.js';
import { FLOOR_SEEDS, whyUnreached } from '../../bin/simulate-floors.js';
import { simulatedBugs } from '../gate/simulation-bugs.js';

const page = readFileSync(new URL('../../../docs/simulation.md', import.meta.url), 'utf8');
const text = page.replace(/\s+/g, ' ');
const lines = page.split('\n');

/** The first cells of the table under a heading. */
function rowsUnder(heading: string): readonly string[] {
  const from = lines.indexOf(heading);
  const next = lines.findIndex((line, index) => index > from && line.startsWith('## '));
  return lines
    .slice(from, next)
    .flatMap((line) => line.match(/^\| (.*?) \|/)?.slice(1) ?? [])
    .slice(1);
}

test('docs/simulation.md says how many marks, pairs, states and seeds the floors are of', (t) => {
  const pairs = declaredPairs();
  const left = pairs.filter((pair) => whyUnreached(pair) !== null);
  for (const said of [
    `one of ${Object.keys(MARKS).length} marks`,
    `fewer than ${STATES} abstract states`,
    `The floors are of ${FLOOR_SEEDS} seeds`,
    `left out: ${left.length} of ${pairs.length} pairs`,
  ])
    t.true(text.includes(said), said);
});

test('docs/simulation.md has a row for each bug that the gate of the simulation plants', (t) => {
  const planted = simulatedBugs.map(({ bug }) => bug);
  const rows = rowsUnder('## Whether it would find anything');
  t.deepEqual([planted.filter((bug) => !rows.includes(bug)), rows.filter((row) => !planted.includes(row))], [[], []]);
});

test('docs/simulation.md names each strategy of liars once', (t) => {
  const named = rowsUnder('## Liars').flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  t.deepEqual([...named].sort(), [...strategyNames].sort());
});
