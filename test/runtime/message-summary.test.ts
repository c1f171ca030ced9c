import test from 'ava';
import fc from 'fast-check';
import { summaryOf } from '../../src/runtime/message-summary.js';

test('a message is said by its type, its numbers, flags and short texts, and the length of what is long', (t) => {
  const vote = { signer: 2, view: 17, block: 'ab'.repeat(32), signature: new Uint8Array(64) };
  t.is(
    summaryOf({ type: 'voteReceived', from: 2, vote, tc: null, late: false } as never),
    `voteReceived { from: 2, vote: { signer: 2, view: 17, block: "${'ab'.repeat(32).slice(0, 23)}…", signature: 64 bytes }, tc: null, late: false }`,
  );
  t.is(summaryOf({ type: 'stopRequested' }), 'stopRequested');
  const lists = { blocks: [{}, {}], seen: new Set([1]), by: new Map([[1, 2]]), raw: new ArrayBuffer(9) };
  t.is(
    summaryOf({ type: 'many', ...lists } as never),
    'many { blocks: 2 items, seen: 1 items, by: 1 items, raw: 9 bytes }',
  );
});

test('what is named as a secret is withheld, at any depth', (t) => {
  const keys = { signingSecret: 'hunter2', privateKey: new Uint8Array(3), credentials: { key: 'hunter2' } };
  const summary = summaryOf({ type: 'opened', keys, password: 'hunter2' } as never);
  t.false(summary.includes('hunter2'));
  t.is(
    summary,
    'opened { keys: { signingSecret: withheld, privateKey: withheld, credentials: withheld }, password: withheld }',
  );
});

test('however large or deep a message is, its summary is short', (t) => {
  const deep = { a: { b: { c: { d: { e: 1 } } } } };
  t.is(summaryOf({ type: 'deep', ...deep } as never), 'deep { a: { b: { c: {…} } } }');
  fc.assert(
    fc.property(fc.object({ maxDepth: 5, maxKeys: 40 }), (fields) => {
      const summary = summaryOf({ ...fields, type: 'any' } as never);
      t.true(summary.startsWith('any') && summary.length <= 240);
    }),
  );
  const wide = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, 'x'.repeat(1000)]));
  t.is(summaryOf({ type: 'wide', ...wide } as never).length, 240);
});

test('what cannot be looked at is said to be so', (t) => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const message of [null, { type: Symbol('odd') }, { type: 'odd', proxy }, proxy]) {
    t.is(summaryOf(message as never), 'a message that cannot be shown');
  }
});
