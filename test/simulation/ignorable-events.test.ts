/** Events that statecharts ignore: where that is right stands in a table, and anywhere else it is S13. */
import test from 'ava';
import { declaredPairs } from '../../actors/simulate.js';
import { Checks } from '../../actors/simulation/checks.js';
import { CountedCharts } from '../../actors/simulation/counted-charts.js';
import { IGNORABLE, mayIgnore } from '../../actors/simulation/ignorable-events.js';
import { compile } from '../../machines/compile.js';
import { machines } from '../../machines/index.js';

/** An actor, whatever messages it takes. */
interface Told {
  receive(message: object, turn: { readonly now: number }): unknown;
}

/** Accepted where a guard holds, and ignored where not. */
const BY_GUARD = ['storage open.gathering gathered'];

test('the table names charts, states and events that there are, and none that the state takes', (t) => {
  const declared = new Set(declaredPairs());
  for (const { chart: name, event, states } of IGNORABLE) {
    const chart = machines.find((each) => each.name === name);
    if (chart === undefined) return t.fail(`there is no chart ${name}`);
    const { states: leaves, events } = compile(chart.machine);
    t.true(events.includes(event), `${name} has no event ${event}`);
    for (const region of states) {
      const inside = leaves.filter((leaf) => leaf === region || leaf.startsWith(`${region}.`));
      t.true(inside.length > 0, `${name} has no state ${region}`);
      const taken = inside.map((leaf) => `${name} ${leaf} ${event}`).filter((pair) => declared.has(pair));
      t.deepEqual(
        taken.filter((pair) => !BY_GUARD.includes(pair)),
        [],
      );
    }
  }
});

test('a pair is looked up by its chart, its event, and its state or one around it', (t) => {
  t.true(mayIgnore('sync', 'behind.resting', 'blocksMissing'));
  t.false(mayIgnore('sync', 'complete', 'blocksMissing'));
  t.false(mayIgnore('sync', 'behind.resting', 'answered'));
  t.false(mayIgnore('storage', 'behind.resting', 'blocksMissing'));
  t.true(mayIgnore('pacemaker', 'timedOut', 'gaveUp'));
  t.false(mayIgnore('pacemaker', 'timedOutLater', 'gaveUp'));
});

test('what a chart ignores and may not is told, once; what it may is counted and not told', (t) => {
  const told: string[] = [];
  const charts = new CountedCharts((pair) => told.push(pair));
  const replica = charts.actors.replica?.({ options: {} } as never) as unknown as Told;
  const failed = { type: 'operationFailed', code: 'STORE_WRITE_FAILED', detail: 'the disk is full' } as const;
  const now = { now: 0 };
  replica.receive(failed, now);
  t.deepEqual(told, []);
  for (let again = 0; again < 2; again += 1) replica.receive(failed, now);
  t.deepEqual(told, ['replica failed failed']);

  const options = { replicas: 4, verifyCertificate: () => true };
  const sync = charts.actors.sync?.({ options } as never) as unknown as Told;
  sync.receive({ type: 'peerConnected', peer: 1 }, now);
  t.deepEqual(told, ['replica failed failed']);
  t.deepEqual(charts.ignored(), { 'replica failed failed': 2, 'sync complete peerConnected': 1 });
});

test('an event that is ignored without a reason is a violation of S13', (t) => {
  const checks = new Checks({
    case: {
      replicas: 4,
      tenure: 1,
      rule: 'two-chain',
      leaderSchedule: 'round-robin',
      liars: [],
      signatures: 'hash',
      baseTimeoutMs: 1000,
      faults: [],
      healAt: null,
      disks: { latencyMs: [0, 1], failing: false },
      clients: 0,
    },
    violationsMax: 5,
    onArrived: () => {},
  });
  checks.eventForgotten('replica failed failed');
  const [violation, ...more] = checks.violations;
  t.deepEqual(more, []);
  t.is(violation?.invariant, 'S13');
  t.regex(violation?.detail ?? '', /replica failed failed$/);
});
