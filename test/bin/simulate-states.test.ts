import test from 'ava';
import type { Lifecycle } from '../../bin/lifecycle.js';
import { RunTotals } from '../../bin/simulate-report.js';
import { firstRunsOf, newStates } from '../../bin/simulate-states.js';

test('of several parts the earliest run counts, by its place among the runs of all', (t) => {
  t.deepEqual(
    firstRunsOf([
      { a: 0, b: 3, c: 1 },
      { a: 0, b: 2, d: 0 },
    ]),
    { a: 0, b: 5, c: 2, d: 1 },
  );
  t.deepEqual(firstRunsOf([{ a: 1 }, undefined, { a: 0, b: 1 }]), { a: 2, b: 5 });
  t.deepEqual(firstRunsOf([{ a: 7 }]), { a: 7 });
});

test('a state is new in the hundred runs of which one was the first to come to it', (t) => {
  t.deepEqual(newStates({ a: 0, b: 99, c: 100, d: 250 }, 251), [2, 1, 1]);
  t.deepEqual(newStates({ a: 0 }, 100), [1]);
  t.deepEqual(newStates({ a: 0 }, 101), [1, 0]);
  t.deepEqual(newStates({}, 1), [0]);
});

test('runs that are shared out between processes have the first runs of one process', (t) => {
  const lifecycle = { print: () => undefined } as unknown as Lifecycle;
  const states = [['a'], ['a', 'b'], ['c'], ['b', 'd'], ['a', 'e'], ['c']];
  const statesFrom = (ofRuns: readonly (readonly string[])[]) => {
    const totals = new RunTotals(lifecycle, true);
    for (const [seed, names] of ofRuns.entries()) {
      const counts = Object.fromEntries(names.map((name) => [name, 1]));
      totals.add({ seed, events: 1, virtualMs: 1, traceHash: '', violations: [], states: counts }, 'case.json');
    }
    return totals.report().statesFrom;
  };
  const whole = { a: 0, b: 1, c: 2, d: 3, e: 4 };
  t.deepEqual(statesFrom(states), whole);
  for (const parts of [2, 4]) {
    const shared = Array.from({ length: parts }, (_, part) => states.filter((_, index) => index % parts === part));
    t.deepEqual(firstRunsOf(shared.map(statesFrom)), whole);
  }
});

test('runs that count no states, as those of twins, have none', (t) => {
  const totals = new RunTotals({ print: () => undefined } as unknown as Lifecycle, true);
  totals.add({ seed: 1, events: 1, virtualMs: 1, traceHash: '', violations: [] }, 'case.json');
  t.false('statesFrom' in totals.report());
});
