/**
 * Two hundred fixed seeds, beside the cases of `test/corpus` that `corpus.test.ts` runs: a check of a revision draws fresh
 * seeds, and a change that breaks what an earlier one held shows in those that were run before. As long as runs usually are.
 */
import test from 'ava';
import { caseOf, replay, type SimulationCase, violationLines } from '../../actors/simulate.js';

const SEEDS = 200;
/** Runs of one test. */
const TOGETHER = 20;
const FIRST = 4_000_000;

/** Of ten runs six draw whatever there is, two have liars that change fields, two machines that run ahead. */
function caseAt(index: number): SimulationCase {
  const seed = FIRST + index;
  const tenth = index % 10;
  if (tenth < 6) return caseOf('vopr', seed);
  return tenth < 8 ? caseOf('byzz', seed) : caseOf('vopr', seed, { speculative: true });
}

for (let from = 0; from < SEEDS; from += TOGETHER) {
  test.serial(`nothing breaks in the runs of seeds ${FIRST + from} to ${FIRST + from + TOGETHER - 1}`, async (t) => {
    for (let index = from; index < from + TOGETHER; index += 1) {
      const { violations } = await replay(caseAt(index));
      t.deepEqual(violationLines(violations), [], `seed ${FIRST + index}`);
    }
  });
}
