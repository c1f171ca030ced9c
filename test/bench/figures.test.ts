import test from 'ava';
import { median, type RunFigures, referenceSummary, summary } from '../../bench/figures.js';

const run = (value: number): RunFigures => ({
  commandsPerSecond: value,
  commandsPerCpuSecond: value * 2,
  blocksPerSecond: value * 3,
  latencyMs: { p50: value * 4, p99: value * 5, max: value * 6 },
  errors: value,
  longestGapMs: value,
  cpuSeconds: { replicas: [value], clients: value },
  coresByThread: { main: value, storage: 0.5 },
  rssBytesMax: value,
});

test('the median is a value that was measured', (t) => {
  t.is(median([3]), 3);
  t.is(median([10, 9, 1]), 9);
  t.is(median([4, 1, 3, 2]), 2);
  t.is(median([100, 20, 3]), 20, 'by value, not as text');
  t.true(Number.isNaN(median([])));
});

test('of several runs the median counts, but errors, gaps and memory are those of the worst', (t) => {
  t.deepEqual(summary([run(5), run(1), run(9)]), {
    commandsPerSecond: 5,
    commandsPerCpuSecond: 10,
    blocksPerSecond: 15,
    latencyMs: { p50: 20, p99: 25, max: 30 },
    errors: 9,
    longestGapMs: 9,
    coresByThread: { main: 5, storage: 0.5 },
    rssBytesMax: 9,
  });
});

test('the runs of the bare loop become one in the same way', (t) => {
  t.deepEqual(referenceSummary([run(5), run(1), run(9)]), {
    commandsPerSecond: 5,
    commandsPerCpuSecond: 10,
    latencyMs: { p50: 20, p99: 25, max: 30 },
  });
});
