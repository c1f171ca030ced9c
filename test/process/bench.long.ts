/** Benchmarks that measure with other settings what `bench.test.ts` measures already. */
import test from 'ava';
import { run } from '../support/command-line.js';

const BRIEF = ['--duration', '1', '--warmup', '1', '--delay', '2', '--json'];

test.serial('bench overlap measures the machine of an example, by the CPU time of its own proposals', async (t) => {
  const flags = ['--machine', 'exchange', '--rounds', '40', ...BRIEF];
  const { code, stdout, stderr } = await run(t, ['bench', 'overlap', ...flags]);
  t.is(code, 0, stderr);
  const { buffered, unbuffered, settings } = JSON.parse(stdout);
  for (const { blocksPerSecond, proposeMs, certifyMs, followMs, cores } of [buffered, unbuffered]) {
    t.true(blocksPerSecond > 0 && certifyMs >= 4 && cores > 0, stdout);
    t.true(followMs > 0 && followMs < proposeMs, 'whoever executes a batch does not search for its prices');
  }
  t.is(buffered.boundPerSecond, bound(Math.max(buffered.proposeMs, buffered.certifyMs)));
  t.is(unbuffered.boundPerSecond, bound(unbuffered.proposeMs + unbuffered.certifyMs));
  t.like(settings, { machine: 'exchange', rounds: 40 });
});

const bound = (ms: number) => Math.round(1e6 / ms) / 1000;
