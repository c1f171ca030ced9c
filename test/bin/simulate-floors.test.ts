import test from 'ava';
import { declaredPairs } from '../../actors/simulate.js';
import { FAULTS, MARKS, STATES, UNREACHED } from '../../bin/floor-tables.js';
import type { Lifecycle } from '../../bin/lifecycle.js';
import { Failure } from '../../bin/outcome.js';
import { pairsSeen, shortfalls, whyUnreached } from '../../bin/simulate-floors.js';
import { printReport, RunTotals } from '../../bin/simulate-report.js';

const reachable = declaredPairs().filter((pair) => whyUnreached(pair) === null);
const enough = {
  coverage: FAULTS,
  marks: MARKS,
  pairs: Object.fromEntries(reachable.map((pair) => [pair, 1])),
  states: statesOf(STATES),
};

function statesOf(count: number): Readonly<Record<string, number>> {
  return Object.fromEntries(Array.from({ length: count }, (_, number) => [`state ${number}`, 1]));
}

test('counts at their floors are enough', (t) => {
  t.deepEqual(shortfalls(enough), []);
});

test('a fault or a mark one below its floor is named with what it is and should be', (t) => {
  t.deepEqual(shortfalls({ ...enough, coverage: { ...FAULTS, crash: 99 } }), ['fault crash: 99 times, 100 at least']);
  t.deepEqual(shortfalls({ ...enough, marks: { ...MARKS, 'socket paused': 19 } }), [
    'mark socket paused: 19 times, 20 at least',
  ]);
  t.is(shortfalls({ pairs: enough.pairs, states: enough.states }).length, Object.keys({ ...FAULTS, ...MARKS }).length);
});

test('95 % of the pairs that runs can come to must be taken, and those that none took are named', (t) => {
  const fewest = Math.ceil(0.95 * reachable.length);
  const some = (count: number) => Object.fromEntries(reachable.slice(0, count).map((pair) => [pair, 1]));
  t.deepEqual(shortfalls({ ...enough, pairs: some(fewest) }), []);
  const [line, ...more] = shortfalls({ ...enough, pairs: some(fewest - 1) });
  t.deepEqual(more, []);
  t.true(line?.startsWith(`${fewest - 1} of ${reachable.length} pairs were seen, ${fewest} must be; not seen: `));
  t.true(line?.endsWith(reachable.at(-1) ?? '?'));
  t.deepEqual(pairsSeen(some(fewest)).unseen, reachable.slice(fewest));
});

test('what no run comes to has no floor, each reason is one of something, and most pairs can be come to', (t) => {
  t.deepEqual(
    Object.keys({ ...FAULTS, ...MARKS }).filter((name) => whyUnreached(name) !== null),
    [],
  );
  const refusals = ['bodyTooLarge', 'treeFull', 'executionBehind'].map((name) => `consensus refused ${name}`);
  const names = [...declaredPairs(), ...refusals];
  for (const { names: pattern } of UNREACHED)
    t.true(
      names.some((name) => pattern.test(name)),
      String(pattern),
    );
  t.true(reachable.length > 80);
});

test('one abstract state fewer than must be is too few, however often runs were in them', (t) => {
  t.deepEqual(shortfalls({ ...enough, states: statesOf(STATES) }), []);
  const few = Object.fromEntries(Object.keys(statesOf(STATES - 1)).map((state) => [state, 1000]));
  t.deepEqual(shortfalls({ ...enough, states: few }), [
    `${STATES - 1} abstract states were come to, ${STATES} must be`,
  ]);
});

function reportOf(counts: object) {
  const printed: string[] = [];
  const lifecycle = { print: (line: string) => void printed.push(line) } as unknown as Lifecycle;
  const totals = new RunTotals(lifecycle, false);
  const run = { seed: 1, events: 10, virtualMs: 1000, traceHash: 'a', violations: [] };
  totals.add({ ...run, ...counts }, 'one.json');
  totals.add({ ...run, ...counts }, 'two.json');
  return { report: totals.report(), lifecycle, printed };
}

test('what runs count is added up and printed, as text and as JSON', (t) => {
  const { report, lifecycle, printed } = reportOf({
    pairs: { 'block committed executed': 3 },
    ignored: { 'sync complete peerConnected': 1 },
    marks: { 'signed vote': 4 },
    coverage: { crash: 1 },
    states: { 'views 0': 5, 'views 1': 1 },
  });
  printReport(lifecycle, report, { json: false, floors: false });
  t.true(printed[1]?.startsWith(`states and their events: 1 of ${reachable.length} pairs taken; never: `));
  t.deepEqual(printed.slice(2), [
    'abstract states: 2, new in each hundred runs: 2',
    'marks: signed vote 8',
    'faults: crash 2',
  ]);
  printReport(lifecycle, report, { json: true, floors: false });
  const json = JSON.parse(printed.at(-1) ?? '');
  t.like(json, { pairs: { 'block committed executed': 6 }, ignored: { 'sync complete peerConnected': 2 } });
  t.like(json, { marks: { 'signed vote': 8 }, coverage: { crash: 2 } });
  t.like(json, { states: { 'views 0': 10, 'views 1': 2 }, statesFrom: { 'views 0': 0, 'views 1': 0 }, newStates: [2] });
  t.is(json.unseenPairs.length, reachable.length - 1);
  t.false('shortfalls' in json);
});

test('with floors a report that is below some fails, and one that is not does not', (t) => {
  const good = reportOf(enough);
  t.notThrows(() => printReport(good.lifecycle, good.report, { json: true, floors: true }));
  t.deepEqual(JSON.parse(good.printed[0] ?? '').shortfalls, []);
  const bad = reportOf({ ...enough, coverage: { ...FAULTS, crash: 1 } });
  const message = '1 floors were missed: fault crash: 2 times, 100 at least';
  t.throws(() => printReport(bad.lifecycle, bad.report, { json: false, floors: true }), {
    instanceOf: Failure,
    message,
  });
  t.is(bad.printed.at(-1), 'fault crash: 2 times, 100 at least');
});
