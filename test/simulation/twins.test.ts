import test from 'ava';
import {
  EXHAUSTIVE_SCENARIOS,
  exhaustiveScenario,
  replayTwins,
  sampledScenario,
  simulateTwins,
  type TwinsScenario,
} from '../../actors/simulate.js';
import { quorumSize } from '../../src/protocol/quorum.js';
import { identitiesOf, parseScenario, reachesOf } from '../../src/simulation/twins-scenario.js';

const RULES = ['three-chain', 'two-chain'] as const;
const indices = (count: number): readonly number[] => [...Array(count).keys()];

for (const rule of RULES) {
  test(`${rule}: four replicas, one with a twin: no scenario of a sample breaks an invariant, and some see it sign twice`, async (t) => {
    const { failures, equivocated } = await simulateTwins({
      scenarios: indices(40).map((index) => sampledScenario(1, index, { rule })),
    });
    t.deepEqual(failures, []);
    t.true(equivocated > 8, `${equivocated} scenarios show that the copies signed two things`);
  });

  test(`${rule}: scenarios of the exhaustive set break no invariant`, async (t) => {
    const scenarios = indices(40).map((index) => exhaustiveScenario((index * 8293) % EXHAUSTIVE_SCENARIOS, rule));
    t.deepEqual((await simulateTwins({ scenarios })).failures, []);
  });
}

/**
 * Two branches, each certified in every second view: one copy of replica 0 leads what 1 and 2 vote for in odd views, the other
 * one in even views, and neither tells what it has certified before it leads again. In the last views replica 1 hears of the
 * one branch, 2 and 3 of the other.
 */
function branchesInTurn(rule: TwinsScenario['rule']): TwinsScenario {
  const odd = {
    leader: 0,
    parts: [
      [0, 1, 2],
      [3, 4],
    ],
  };
  const even = { leader: 0, parts: [[0], [1, 2, 3, 4]] };
  const told = {
    leader: 0,
    parts: [
      [0, 1],
      [2, 3, 4],
    ],
  };
  const views = rule === 'two-chain' ? [odd, even, odd] : [odd, even, odd, even, odd];
  return { version: 1, mode: 'twins', seed: 1, replicas: 4, twins: [0], rule, views: [...views, told, told] };
}

for (const rule of RULES) {
  test(`${rule}: of two branches that are certified in turn, never in consecutive views, none is committed against the other`, async (t) => {
    const { violations, committedHeight } = await replayTwins(branchesInTurn(rule));
    t.deepEqual(violations, []);
    t.true(committedHeight > 0);
  });
}

test('seven replicas, two with twins: no scenario of a sample breaks an invariant', async (t) => {
  const scenarios = indices(12).map((index) => sampledScenario(2, index, { replicas: 7 }));
  t.deepEqual((await simulateTwins({ scenarios })).failures, []);
});

test('a replica may run three times: no scenario of a sample breaks an invariant, and some see it sign twice', async (t) => {
  const drawn = indices(300).map((index) => sampledScenario(5, index));
  const scenarios = drawn.filter(({ twins }) => twins.length > new Set(twins).size);
  t.true(scenarios.length > 30, `${scenarios.length} of 300 have a third copy`);
  const { failures, equivocated } = await simulateTwins({ scenarios });
  t.deepEqual(failures, []);
  t.true(equivocated > 8, `${equivocated} scenarios show that the copies signed two things`);
});

test('a scenario gives the same run again, and another seed for its ties another run', async (t) => {
  const scenario = sampledScenario(3, 0);
  const first = await replayTwins(scenario);
  t.is((await replayTwins(scenario)).traceHash, first.traceHash);
  t.not((await replayTwins({ ...scenario, seed: scenario.seed + 1 })).traceHash, first.traceHash);
});

test('a scenario that was written is read back, and runs alike', async (t) => {
  const scenario = sampledScenario(4, 1, { replicas: 7 });
  const reading = parseScenario(JSON.stringify(scenario));
  t.deepEqual(reading, { ok: true, scenario });
});

test('a text that is no scenario is refused, with what is wrong', (t) => {
  const scenario = exhaustiveScenario(5, 'three-chain');
  const problemOf = (changes: object): string => {
    const reading = parseScenario(JSON.stringify({ ...scenario, ...changes }));
    return reading.ok ? '' : reading.problem;
  };
  t.is(problemOf({}), '');
  t.regex(problemOf({ version: 2 }), /version is 2/);
  t.regex(problemOf({ mode: 'vopr' }), /mode is "vopr"/);
  t.regex(problemOf({ replicas: 3 }), /replicas is 3/);
  t.regex(problemOf({ twins: [0, 1] }), /twins is \[0,1\]/);
  t.regex(problemOf({ twins: [0, 0, 0] }), /twins is \[0,0,0\]; it must be .* each once or twice/);
  t.regex(problemOf({ replicas: 7, twins: [1, 0] }), /twins is \[1,0\]/);
  t.is(problemOf({ replicas: 7, twins: [0, 0, 1], views: [] }), '');
  t.regex(problemOf({ rule: 'one-chain' }), /rule is "one-chain"/);
  t.regex(problemOf({ views: [{ leader: 4, parts: [[0, 1, 2, 3, 4]] }] }), /views\[0\]\.leader is 4/);
  t.regex(problemOf({ views: [{ leader: 0, parts: [[0, 1, 2, 3]] }] }), /views\[0\]\.parts/);
  t.regex(
    problemOf({
      views: [
        {
          leader: 0,
          parts: [
            [0, 1, 2, 3],
            [3, 4],
          ],
        },
      ],
    }),
    /views\[0\]\.parts/,
  );
  t.is(
    problemOf({
      views: [
        {
          leader: 3,
          parts: [
            [0, 1, 2],
            [3, 4],
          ],
        },
      ],
    }),
    '',
  );
  const noJson = parseScenario('{');
  t.true(!noJson.ok && noJson.problem.startsWith('it is no JSON'));
});

test('the exhaustive set is 24 choices in each of four views, all different, each with a quorum in some part', (t) => {
  t.is(EXHAUSTIVE_SCENARIOS, 331_776);
  for (const turn of indices(4)) {
    const choices = indices(24).map((choice) => exhaustiveScenario(choice * 24 ** turn, 'three-chain').views[turn]);
    t.is(new Set(choices.map((choice) => JSON.stringify(choice))).size, 24);
    t.true(choices.every((choice) => choice?.parts.length === 2));
  }
  const identities = identitiesOf({ replicas: 4, twins: [0] });
  for (const choice of indices(24)) {
    const parts = exhaustiveScenario(choice, 'three-chain').views[0]?.parts ?? [];
    const largest = Math.max(...parts.map((part) => new Set(part.map((node) => identities[node])).size));
    t.true(largest >= quorumSize(4));
  }
});

test('only nodes of one part of a view hear each other, and all do after the last view', (t) => {
  const scenario: TwinsScenario = {
    ...exhaustiveScenario(0, 'three-chain'),
    views: [
      {
        leader: 0,
        parts: [
          [0, 1],
          [2, 3, 4],
        ],
      },
    ],
  };
  const reaches = reachesOf(scenario);
  t.true(reaches(1, 0, 1));
  t.false(reaches(1, 1, 2));
  t.false(reaches(1, 0, 4), 'the copies of one replica are two nodes');
  t.true(reaches(2, 1, 2));
});
