import { spawnSync } from 'node:child_process';
import test from 'ava';
import { caseOf, replay } from '../../actors/simulate.js';

/** Half of the first kind have liars, all of the second. */
const RUNS = Array.from({ length: 50 }, (_, index) => [index % 5 === 0 ? 'byzz' : 'vopr', 1000 + index] as const);
/** Short runs: what differs shows early, since one other draw changes all that follow. */
const EVENTS = 500;

const program = new URL('./trace-hashes.js', import.meta.url).pathname;

test('one seed gives one run: the same trace in another process', async (t) => {
  const { stdout, status } = spawnSync(
    process.execPath,
    [program, String(EVENTS), ...RUNS.map((run) => run.join(':'))],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
    },
  );
  t.is(status, 0);
  const elsewhere = stdout.trim().split('\n');
  const here: string[] = [];
  for (const [mode, seed] of RUNS) here.push((await replay(caseOf(mode, seed, { eventsMax: EVENTS }))).traceHash);
  t.deepEqual(elsewhere, here);
  t.is(new Set(here).size, RUNS.length, 'two seeds gave one run');
});
