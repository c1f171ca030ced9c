import test from 'ava';
import { replay, type SimulationCase } from '../../actors/simulate.js';
import { crashPointsOf } from '../../actors/simulation/crash-run.js';
import { nextTurn } from '../../src/adapters/turn-scheduler.js';
import { crashesAt, crashPointBases, crashPointCases } from '../../src/simulation/crash-points.js';

const bases = crashPointBases(1);

/** Every so manyth of the cases is run here; `hotstuff simulate --mode crashpoint` runs them all. */
const SAMPLE = 73;

async function casesOf(base: SimulationCase): Promise<readonly SimulationCase[]> {
  return [...crashPointCases(base, await crashPointsOf(base, { nextTurn }))];
}

for (const base of bases) {
  const run = `${base.rule}, tenure ${base.tenure}`;

  test(`${run}: each replica has durable steps of both kinds, and some with a batch under way`, async (t) => {
    const points = await crashPointsOf(base, { nextTurn });
    for (let replica = 0; replica < base.replicas; replica += 1) {
      const own = points.filter((point) => point.replica === replica);
      t.deepEqual(
        own.map(({ write }) => write),
        own.map((_, index) => index + 1),
      );
      t.true(own.length >= 11, `${own.length} steps`);
      t.true(own.some(({ type }) => type === 'writeEntries'));
      t.true(own.some(({ type, underWay }) => type === 'writeSlot' && underWay === 1));
    }
  });

  test(`${run}: whatever crash at a durable step, all invariants hold and every command is answered`, async (t) => {
    const cases = await casesOf(base);
    for (const parameters of cases.filter((_, index) => index % SAMPLE === 0)) {
      const outcome = await replay(parameters);
      t.deepEqual(outcome.violations, [], JSON.stringify(parameters.faults));
      t.true(outcome.history.length > 0 && outcome.history.every(({ reply }) => reply !== null));
    }
  });
}

test('a batch is there or not, a slot may be torn, and either with or without the write before it', (t) => {
  const alone = (type: 'writeEntries' | 'writeSlot', underWay: number) =>
    crashesAt({ write: 1, type, underWay })
      .filter(({ everyone }) => !everyone)
      .map(({ loss, earlier }) => `${loss} ${earlier}`);
  t.deepEqual(alone('writeEntries', 0), ['before lost', 'after lost']);
  t.deepEqual(alone('writeSlot', 0), ['before lost', 'after lost', 'torn lost']);
  t.deepEqual(alone('writeSlot', 1), [
    'before kept',
    'before lost',
    'after kept',
    'after lost',
    'torn kept',
    'torn lost',
  ]);
});

test('a point has each of its crashes once, alone and with everyone, and one that is followed by a second', (t) => {
  const [base] = bases as [SimulationCase];
  const cases = [...crashPointCases(base, [{ replica: 2, write: 4, type: 'writeSlot', underWay: 1 }])];
  const crashes = cases.map(({ faults }) => faults.length);
  t.deepEqual(crashes, [...Array(10).fill(1), 2]);
  t.is(new Set(cases.map(({ faults }) => JSON.stringify(faults))).size, 11);
});
