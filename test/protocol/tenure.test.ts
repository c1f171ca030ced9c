import test from 'ava';
import fc from 'fast-check';
import { asTenure, asView } from '../../src/protocol/numbers.js';
import { firstViewOf, lastViewOf, nextTenure, nextView, tenureOf } from '../../src/protocol/tenure.js';

test('tenure k is the views k·T to k·T + T − 1', (t) => {
  for (const [view, length, tenure] of [
    [0, 1, 0],
    [1, 1, 1],
    [0, 1000, 0],
    [999, 1000, 0],
    [1000, 1000, 1],
    [1999, 1000, 1],
    [2000, 1000, 2],
  ] as const) {
    t.is(tenureOf(asView(view), length), asTenure(tenure), `view ${view} at T = ${length}`);
  }
});

test('the first and last view of a tenure are in it, their outer neighbours are not', (t) => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }), (k, length) => {
      const tenure = asTenure(k);
      const first = firstViewOf(tenure, length);
      const last = lastViewOf(tenure, length);
      t.is(tenureOf(first, length), tenure);
      t.is(tenureOf(last, length), tenure);
      t.is(tenureOf(nextView(last), length), nextTenure(tenure));
      if (k > 0) t.is(tenureOf(asView(first - 1), length), asTenure(k - 1));
      t.is(last - first + 1, length);
    }),
  );
});
