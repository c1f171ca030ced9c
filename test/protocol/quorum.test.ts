import test from 'ava';
import fc from 'fast-check';
import { faultBound, quorumSize } from '../../src/protocol/quorum.js';

// f for n = 1, 2, 3, …, 40, written out: a formula would only repeat the code
const FAULT_BOUNDS = [
  0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 11, 12,
  12, 12, 13,
];

test('f and the quorum are right for every n from 1 to 40', (t) => {
  t.is(FAULT_BOUNDS.length, 40);
  FAULT_BOUNDS.forEach((f, i) => {
    t.is(faultBound(i + 1), f, `f of ${i + 1}`);
    t.is(quorumSize(i + 1), i + 1 - f, `quorum of ${i + 1}`);
  });
});

test('any two quorums share a correct replica, and the correct replicas alone are a quorum', (t) => {
  const cluster = fc.integer({ min: 1, max: 100 }).chain((n) => {
    const all = Array.from({ length: n }, (_, id) => id);
    const quorum = fc.shuffledSubarray(all, { minLength: quorumSize(n), maxLength: quorumSize(n) });
    const faulty = fc.shuffledSubarray(all, { minLength: faultBound(n), maxLength: faultBound(n) });
    return fc.record({ n: fc.constant(n), a: quorum, b: quorum, faulty });
  });
  fc.assert(
    fc.property(cluster, ({ n, a, b, faulty }) => {
      const correctInBoth = a.filter((id) => b.includes(id) && !faulty.includes(id));
      return correctInBoth.length >= 1 && n - faulty.length >= quorumSize(n);
    }),
  );
  for (let n = 1; n <= 1_000; n += 1) {
    t.true(2 * quorumSize(n) - n > faultBound(n), `the smallest overlap at n = ${n} is more than f`);
  }
});
