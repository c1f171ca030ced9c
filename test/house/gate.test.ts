import { access, readFile } from 'node:fs/promises';
import test from 'ava';
import { placesOf, plantedBugs } from '../gate/catalogue.js';
import { simulatedBugs } from '../gate/simulation-bugs.js';

const inDist = (path: string): URL => new URL(`../../${path}`, import.meta.url);

test('every bug of the gate can be planted: its text stands in the compiled file exactly once', async (t) => {
  for (const bug of plantedBugs) {
    t.is(placesOf(bug, await readFile(inDist(`${bug.file}.js`), 'utf8')), 1, `${bug.bug}, in ${bug.file}`);
  }
});

test('every bug of the simulation gate can be planted, and every guard be taken away', async (t) => {
  for (const { bug, guards = [], ...plant } of simulatedBugs) {
    for (const each of [...guards, plant])
      t.is(placesOf(each, await readFile(inDist(`${each.file}.js`), 'utf8')), 1, `${bug}, in ${each.file}`);
  }
});

test('the test file that must catch a planted bug exists', async (t) => {
  for (const caughtBy of new Set(plantedBugs.map((bug) => bug.caughtBy))) {
    await t.notThrowsAsync(access(inDist(`test/${caughtBy}.test.js`)), caughtBy);
  }
});
