import test from 'ava';
import fc from 'fast-check';
import { InvariantViolation } from '../../src/errors.js';
import { tcProblem } from '../../src/protocol/certificates.js';
import { asReplicaId, asTenure, asView } from '../../src/protocol/numbers.js';
import { quorumSize } from '../../src/protocol/quorum.js';
import { TimeoutCollector } from '../../src/protocol/timeout-collector.js';
import { GENESIS, ids, qcIn, statementOf, timeoutOf } from './builders.js';

const tenure = asTenure;

function collectorOf(...timeouts: readonly (readonly [signer: number, tenure: number, highQcView?: number])[]) {
  const collector = new TimeoutCollector({ replicas: 4 });
  for (const timeout of timeouts) collector.add(timeoutOf(...timeout));
  return collector;
}

test('a Timeout counts for its tenure and every earlier one', (t) => {
  const collector = collectorOf([0, 5], [1, 7]);
  for (const [k, count] of [
    [0, 2],
    [5, 2],
    [6, 1],
    [7, 1],
    [8, 0],
  ] as const) {
    t.is(collector.count(tenure(k)), count, `tenure ${k}`);
  }
  t.is(collector.of(asReplicaId(1))?.tenure, tenure(7));
  t.is(collector.of(asReplicaId(2)), null);
});

test('replicas that gave up different tenures make a TC of the lowest of them', (t) => {
  const collector = collectorOf([3, 9, 2], [0, 5, 4]);
  t.is(collector.certificate(tenure(0)), null);
  collector.add(timeoutOf(2, 7, 3));
  const tc = collector.certificate(tenure(0));
  t.is(tc?.tenure, tenure(5));
  t.deepEqual(tc?.timeouts, [statementOf(0, 5, 4), statementOf(2, 7, 3), statementOf(3, 9, 2)]);
  t.is(tc?.highQc.view, asView(4));
});

test('the TC is of the highest tenure that a quorum has given up, and holds only those who have', (t) => {
  const collector = collectorOf([0, 5, 8], [1, 6], [2, 7], [3, 8]);
  const tc = collector.certificate(tenure(6));
  t.is(tc?.tenure, tenure(6));
  t.deepEqual(
    tc?.timeouts.map(({ signer }) => signer),
    ids([1, 2, 3]),
  );
  t.is(tc?.highQc.view, asView(0), 'the QC of who is not in it does not come along');
  t.is(collector.certificate(tenure(7)), null);
});

test('the tenure that so many have given up is the highest that each of them gave up, or left behind', (t) => {
  const collector = collectorOf([3, 9], [0, 5], [2, 7]);
  t.is(collector.tenureGivenUpBy(1), tenure(9));
  t.is(collector.tenureGivenUpBy(2), tenure(7));
  t.is(collector.tenureGivenUpBy(3), tenure(5));
  t.is(collector.tenureGivenUpBy(4), null);
  t.is(collectorOf().tenureGivenUpBy(1), null);
});

test('of each signer the strongest Timeout is kept: the later tenure, then the higher QC', (t) => {
  const collector = collectorOf([0, 5, 3]);
  t.is(collector.screen(timeoutOf(0, 4, 9)), 'stale');
  t.is(collector.screen(timeoutOf(0, 5, 2)), 'stale');
  t.is(collector.screen(timeoutOf(0, 5, 3)), 'duplicate');
  t.is(collector.screen(timeoutOf(0, 5, 4)), 'new');
  t.is(collector.screen(timeoutOf(0, 6, 0)), 'new');
  collector.add(timeoutOf(0, 5, 4));
  t.deepEqual(collector.all(), [timeoutOf(0, 5, 4)]);
  for (const weaker of [timeoutOf(0, 4, 9), timeoutOf(0, 5, 4)]) {
    t.throws(() => collector.add(weaker), { instanceOf: InvariantViolation });
  }
});

test('strangers are not counted', (t) => {
  const collector = collectorOf();
  for (const signer of [-1, 4, 0.5, Number.NaN])
    t.is(collector.screen(timeoutOf(signer, 5)), 'notAMember', `${signer}`);
  t.is(collector.count(tenure(0)), 0);
});

test('earlier tenures are forgotten, and not taken any more', (t) => {
  const collector = collectorOf([0, 5], [1, 6], [2, 7]);
  collector.advance(tenure(6));
  t.deepEqual(collector.all(), [timeoutOf(1, 6), timeoutOf(2, 7)]);
  t.is(collector.screen(timeoutOf(0, 5)), 'stale');
  t.is(collector.screen(timeoutOf(0, 6)), 'new');
  collector.advance(tenure(1));
  t.is(collector.screen(timeoutOf(0, 5)), 'stale', 'it never goes back');
});

test('whatever arrives, a TC exists just when a quorum gave a tenure up, and it holds up', (t) => {
  const event = fc.record({
    advance: fc.nat(9).map((n) => n === 0),
    signer: fc.integer({ min: -1, max: 7 }),
    named: fc.nat(8),
    highQcView: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.array(event, { maxLength: 60, size: 'max' }), (replicas, events) => {
      const collector = new TimeoutCollector({ replicas });
      const strongest = new Map<number, number>();
      for (const { advance, signer, named, highQcView } of events) {
        if (advance) {
          collector.advance(tenure(named));
          for (const [id, held] of strongest) if (held < named) strongest.delete(id);
        }
        const timeout = timeoutOf(signer, named, highQcView);
        if (collector.screen(timeout) !== 'new') continue;
        collector.add(timeout);
        strongest.set(signer, named);
      }
      t.true(collector.all().length <= replicas);
      for (let k = 0; k <= 9; k += 1) {
        const gaveUp = [...strongest.values()].filter((held) => held >= k).length;
        t.is(collector.count(tenure(k)), gaveUp);
        const tc = collector.certificate(tenure(k));
        t.is(tc !== null, gaveUp >= quorumSize(replicas));
        if (tc === null) continue;
        const everybody = Array.from({ length: replicas }, (_, id) => id);
        const sound = { ...tc, highQc: qcIn(tc.highQc.view, everybody) };
        t.is(tcProblem(sound, { replicas, genesis: GENESIS, tenureLength: 10 }), null);
        t.is(tc.timeouts.length, collector.count(tc.tenure));
        t.true(collector.count(tenure(tc.tenure + 1)) < quorumSize(replicas), 'no later tenure has a quorum');
      }
    }),
    { numRuns: 300 },
  );
});
