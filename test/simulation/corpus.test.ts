import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { replay } from '../../actors/simulate.js';
import { parseCase } from '../../src/simulation/case-text.js';

const corpus = new URL('../../../test/corpus/', import.meta.url);
const files = readdirSync(corpus).filter((name) => name.endsWith('.json'));

test('there is a corpus', (t) => t.true(files.length > 0));

for (const file of files) {
  test(`${file}: nothing breaks in a case that failed once`, async (t) => {
    const reading = parseCase(readFileSync(new URL(file, corpus), 'utf8'));
    if (!reading.ok) return t.fail(reading.problem);
    t.deepEqual((await replay(reading.case)).violations, []);
  });
}
