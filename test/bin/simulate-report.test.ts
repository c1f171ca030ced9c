import test from 'ava';
import { caseOf } from '../../actors/simulate.js';
import { NO_WORK } from '../../actors/simulation/work-done.js';
import { failureName } from '../../bin/failed-cases.js';
import type { Lifecycle } from '../../bin/lifecycle.js';
import { printReport, RunTotals } from '../../bin/simulate-report.js';

test('runs that ended before all had happened that they go on for are counted, and told of where there are any', (t) => {
  const printed: string[] = [];
  const lifecycle = { print: (line: string) => void printed.push(line) } as unknown as Lifecycle;
  const run = { seed: 1, events: 10, virtualMs: 1000, traceHash: 'a', violations: [] };
  const totals = new RunTotals(lifecycle, false);
  totals.add({ ...run, unfinished: false }, 'one.json');
  t.is(totals.report().unfinished, 0);
  printReport(lifecycle, totals.report(), { json: false, floors: false });
  totals.add({ ...run, unfinished: true }, 'two.json');
  totals.add(run, 'three.json');
  t.like(totals.report(), { seeds: 3, passed: 3, failed: 0, unfinished: 1 });
  printReport(lifecycle, totals.report(), { json: false, floors: false });
  t.regex(printed[0] ?? '', /^1 of 1 runs passed: /);
  t.regex(
    printed[1] ?? '',
    /^3 of 3 runs passed, 1 of them ended before all had happened that they go on for after the last fault: /,
  );
});

test('what makes passing worth less is printed with the rest, of all runs together, and so it is in the document', (t) => {
  const printed: string[] = [];
  const lifecycle = { print: (line: string) => void printed.push(line) } as unknown as Lifecycle;
  const run = { seed: 1, events: 10, virtualMs: 1000, traceHash: 'a', violations: [] };
  const idle = { ...NO_WORK, runs: 1, statesCompared: 1, commandsRefused: { invalid: 3 } };
  const totals = new RunTotals(lifecycle, false);
  totals.add({ ...run, work: idle }, 'one.json');
  printReport(lifecycle, totals.report(), { json: false, floors: false });
  t.deepEqual(printed.slice(1), ['remark: no command was executed: 3 refused as invalid']);
  printReport(lifecycle, totals.report(), { json: true, floors: false });
  t.deepEqual(JSON.parse(printed.at(-1) ?? '').remarks, ['no command was executed: 3 refused as invalid']);
  totals.add({ ...run, work: { ...NO_WORK, runs: 1, commandsExecuted: 1 } }, 'two.json');
  printed.length = 0;
  printReport(lifecycle, totals.report(), { json: false, floors: false });
  t.is(printed.length, 1, 'one of them did something');
});

test('the names of crash points are for crash points alone', (t) => {
  const crash = {
    at: 1,
    type: 'crashAtWrite',
    replica: 0,
    write: 1,
    loss: 'torn',
    everyone: false,
    earlier: 'kept',
    downMs: 1,
  } as const;
  const run = { seed: 7, case: { ...caseOf('lite', 7), faults: [crash] }, outcome: {} as never };
  t.is(failureName(run, 'seeds'), 'hotstuff-case-7');
  t.regex(failureName(run, 'crashPoints'), /^hotstuff-crash-7-[0-9a-f]{8}$/);
});
