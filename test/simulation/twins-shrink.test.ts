import test from 'ava';
import { replayTwins, reportOfTwins, sampledScenario, shrinkTwins } from '../../actors/simulate.js';
import { recordTwins } from '../../actors/simulation/record-run.js';
import { nextTurn } from '../../src/adapters/turn-scheduler.js';
import { parseScenario, type TwinsScenario } from '../../src/simulation/twins-scenario.js';
import { shrinkScenario, simplerScenarios } from '../../src/simulation/twins-shrink.js';
import type { Invariant, Violation } from '../../src/simulation/violation.js';

const broken = (invariant: Invariant): Violation => ({ invariant, at: 10, event: 5, detail: 'planted' });

/** Seven replicas of which two have twins, one of them two: as large as the sample has them. */
function largeScenario(): TwinsScenario {
  for (let index = 0; ; index += 1) {
    const scenario = sampledScenario(1, index, { replicas: 7 });
    if (scenario.twins.length === 3 && scenario.views.length === 12) return scenario;
  }
}

test('whatever is made simpler by a step is a scenario that can be read, and no step leads back', (t) => {
  const sizeOf = ({ views, twins }: TwinsScenario): number =>
    views.reduce((sum, { leader, parts }) => sum + 1000 + 20 * parts.length + leader, 10_000 * twins.length);
  const scenario = largeScenario();
  for (const simpler of simplerScenarios(scenario)) {
    t.deepEqual(parseScenario(JSON.stringify(simpler)), { ok: true, scenario: simpler });
    t.true(sizeOf(simpler) < sizeOf(scenario));
  }
});

test('what a violation does not need is taken away: one parted view of twelve is left, and one copy', async (t) => {
  const { scenario, violation } = await shrinkScenario(largeScenario(), broken('S1'), {
    run: async ({ views, twins }) =>
      twins.length > 0 && views.some(({ parts }) => parts.length > 1) ? broken('S1') : null,
  });
  t.deepEqual([scenario.views.length, scenario.twins.length, scenario.views[0]?.leader], [1, 1, 0]);
  t.is(scenario.views[0]?.parts.length, 2);
  t.deepEqual(violation, broken('S1'));
});

test('the invariant stays the same, and it ends after so many runs, or when told', async (t) => {
  const first = largeScenario();
  const { scenario } = await shrinkScenario(first, broken('S1'), {
    run: async ({ views }) => broken(views.length >= 5 ? 'S1' : 'L1'),
  });
  t.is(scenario.views.length, 5);
  const bounded = await shrinkScenario(first, broken('S1'), { run: async () => broken('S1'), runsMax: 2 });
  t.is(bounded.runs, 2);
  const aborted = await shrinkScenario(first, broken('S1'), {
    run: () => t.fail() as never,
    signal: { aborted: true },
  });
  t.deepEqual(aborted, { scenario: first, violation: broken('S1'), runs: 0 });
});

test('a report says what broke, how to run it again, who led and heard whom, and what was sent', async (t) => {
  const scenario = sampledScenario(1, 1);
  const report = await reportOfTwins(scenario, { file: 'a.json', revision: '0123abc', viewsBefore: 99 });
  const [twin] = scenario.twins;
  for (const part of [
    `# Twins, seed ${scenario.seed}`,
    'Nothing broke when the scenario was run again.',
    `node 4 is a copy of replica ${twin}`,
    `${scenario.views.length} views of 99 are left`,
    'revision 0123abc',
    '`hotstuff simulate --mode twins --case a.json`',
    'participant N4 as copy 4',
    '"mode": "twins"',
  ]) {
    t.true(report.includes(part), part);
  }
  t.regex(report, /^ {2}N\d->>N\d: [\d.]+ ms: (proposal|vote|QC|Timeout)/m);
  const { seen } = await recordTwins(scenario, { nextTurn }, Number.POSITIVE_INFINITY);
  const views = seen.flatMap((event) => (event.type === 'note' && event.text.startsWith('view ') ? [event.text] : []));
  const told = scenario.views.map(({ leader, parts }, index) => {
    return `view ${index + 1}: replica ${leader} leads; ${parts.map((nodes) => nodes.join(',')).join(' | ')}`;
  });
  t.true(views.length > 0);
  t.true(views.every((view) => told.includes(view)));
});

test('a scenario in which nothing broke is not made smaller', async (t) => {
  const scenario: TwinsScenario = { ...sampledScenario(1, 1), views: [] };
  const outcome = await replayTwins(scenario);
  await t.throwsAsync(shrinkTwins({ scenario, outcome }), {
    name: 'ConfigurationError',
    message: 'a scenario in which nothing broke cannot be made smaller',
  });
  await t.throwsAsync(shrinkTwins({ scenario, outcome }, { runMax: 1 } as never), {
    message: 'shrinkTwins has no option runMax. Did you mean runsMax?',
  });
});
