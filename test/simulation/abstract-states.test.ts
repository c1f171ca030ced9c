/** Which abstract state a cluster is in, and that a run comes to those that its faults lead to. */
import test from 'ava';
import { caseOf, replay } from '../../actors/simulate.js';
import { abstractState, type ObservedCluster } from '../../src/simulation/abstract-state.js';

const together = { view: 10, highQcView: 9, height: 7 };
const calm: ObservedCluster = { replicas: 4, correct: [together, together, together], leader: 'there', down: 0 };
const CALM = 'views 0, age 1, locks 0, leader there, behind none, down none';

test('a state says how far views and locks are apart, how old the newest QC is, who leads, who is behind or down', (t) => {
  t.is(abstractState(calm), CALM);
  const apart = [together, { view: 8, highQcView: 5, height: 3 }];
  const troubled = { ...calm, correct: apart, leader: 'lying', down: 2 } as const;
  t.is(abstractState(troubled), 'views 2-3, age 1, locks 4-15, leader lying, behind few, down many');
});

test('nobody correct who is up, no state', (t) => {
  t.is(abstractState({ ...calm, correct: [], down: 3 }), null);
});

test('distances go by their bucket, on both sides of each boundary', (t) => {
  const buckets = new Map([
    [0, '0'],
    [1, '1'],
    [2, '2-3'],
    [3, '2-3'],
    [4, '4-15'],
    [15, '4-15'],
    [16, '16-63'],
    [63, '16-63'],
    [64, '64+'],
    [5000, '64+'],
  ]);
  for (const [distance, bucket] of buckets) {
    const at = (view: number, highQcView: number) => ({ view, highQcView, height: 0 });
    const named = (...correct: ObservedCluster['correct']) => abstractState({ ...calm, correct })?.split(', ');
    t.is(named(at(9000, 8000), at(9000 - distance, 8000))?.[0], `views ${bucket}`);
    t.is(named(at(9000, 9000 - distance))?.[1], `age ${bucket}`);
    t.is(named(at(9000, 8000), at(9000, 8000 - distance))?.[2], `locks ${bucket}`);
  }
});

test('a disk that is ahead of the view that its replica has told is no older than nothing', (t) => {
  t.is(abstractState({ ...calm, correct: [{ view: 4, highQcView: 6, height: 0 }] })?.split(', ')[1], 'age 0');
});

test('three heights below the highest are in sync, four are behind; as many as f are few, more are many', (t) => {
  const heights = (...of: number[]) => {
    const correct = of.map((height) => ({ ...together, height }));
    return abstractState({ ...calm, replicas: 7, correct })?.split(', ')[4];
  };
  t.is(heights(10, 7, 7), 'behind none');
  t.is(heights(10, 6, 6), 'behind few');
  t.is(heights(10, 6, 6, 6), 'behind many');
  const down = (count: number) => abstractState({ ...calm, replicas: 7, down: count })?.split(', ')[5];
  t.deepEqual([0, 1, 2, 3].map(down), ['down none', 'down few', 'down few', 'down many']);
});

const drawn = caseOf('vopr', 404, { replicas: 4, tenure: 1, leaderSchedule: 'round-robin' });
const quiet = { ...drawn, faults: [], liars: [], dead: [], tight: [], healAt: null, eventsMax: 1500 };

test('a run without faults stays together, and its states are those of each view and commit', async (t) => {
  const { violations, states, marks } = await replay(quiet);
  t.deepEqual(violations, []);
  for (const state of Object.keys(states)) t.regex(state, /^views [012].*, leader (there|behind), .* down none$/);
  const moments = Object.values(states).reduce((sum, times) => sum + times, 0);
  const entered = ['start', 'qc', 'tc'].reduce((sum, by) => sum + (marks[`view entered by ${by}`] ?? 0), 0);
  // Some commit comes without a view that is entered.
  t.true(moments > entered, `${moments} moments, ${entered} views entered`);
});

test('a crash, a liar and a cut lead to states of their own, and the same case to the same counts', async (t) => {
  const crash = { at: 300, type: 'crash', replica: 1, loss: 'random' } as const;
  const cut = { at: 300, type: 'cut', from: [0, 1, 2], to: [3] } as const;
  const statesOf = async (changes: object) => (await replay({ ...quiet, ...changes })).states;
  const without = Object.keys(await statesOf({}));
  const crashed = await statesOf({ faults: [crash] });
  t.true(Object.keys(crashed).some((state) => / leader down,.*down few$/.test(state)));
  t.false(without.some((state) => /leader down|down few/.test(state)));
  const lying = await statesOf({ liars: [{ replica: 2, strategies: ['silentLeader'] }] });
  t.true(Object.keys(lying).some((state) => /leader lying/.test(state)));
  const far = await statesOf({ faults: [cut] });
  t.true(Object.keys(far).some((state) => /behind few/.test(state)));
  t.false(without.some((state) => /leader lying|behind few/.test(state)));
  t.deepEqual(await statesOf({ faults: [crash] }), crashed);
});
