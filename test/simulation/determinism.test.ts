import { spawnSync } from 'node:child_process';
import test from 'ava';
import { replay } from '../../actors/simulate.js';
import { caseOfRun, RUNS } from './traced-runs.js';

const program = new URL('./trace-hashes.js', import.meta.url).pathname;

test('one seed gives one run: the same trace in another process', async (t) => {
  const { stdout, status } = spawnSync(process.execPath, [program, ...RUNS.map((run) => run.join(':'))], {
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  });
  t.is(status, 0);
  const elsewhere = stdout.trim().split('\n');
  const here: string[] = [];
  for (const run of RUNS) here.push((await replay(caseOfRun(run))).traceHash);
  t.deepEqual(elsewhere, here);
  t.is(new Set(here).size, RUNS.length, 'two seeds gave one run');
});
