import test from 'ava';
import { delaysBetween, momentsOf, nameOf, type VoteMoment } from '../../bench/vote-moments.js';
import { asBlockHash, asReplicaId, asView } from '../../src/protocol/numbers.js';

const moment = (vote: string, at: number, waitedMs: number | null = null, thread: number | null = 7): VoteMoment => ({
  vote,
  at,
  thread,
  waitedMs,
});

test('a vote is named by its view, its signer and whom it goes to', (t) => {
  const vote = {
    view: asView(5),
    signer: asReplicaId(2),
    block: asBlockHash('a'.repeat(64)),
    signature: new Uint8Array(64),
  };
  t.is(nameOf(vote, 3), '5 2 3');
});

test('moments bear the time of the clock, and a thread waits no less for a core with time', (t) => {
  let now = 10;
  const { list, note } = momentsOf(() => now);
  note('a');
  now = 12;
  note('b');
  t.deepEqual(
    list.map(({ vote, at }) => [vote, at]),
    [
      ['a', 10],
      ['b', 12],
    ],
  );
  t.is(list[0]?.thread, list[1]?.thread);
  t.true((list[0]?.waitedMs ?? 0) <= (list[1]?.waitedMs ?? 0));
});

test('delays are those of the votes to which both happened, each by its first time', (t) => {
  const from = [moment('a', 0), moment('b', 10), moment('lost', 20), moment('a', 30)];
  const to = [moment('b', 14), moment('a', 1), moment('a', 90), moment('strange', 95)];
  t.deepEqual(delaysBetween(from, to), { votes: 2, ms: { p50: 1, p99: 4, max: 4 }, onCoreMs: null });
});

test('what a thread waited for a core is taken off where the whole delay was on that thread', (t) => {
  const from = [moment('a', 0, 100), moment('b', 10, 100)];
  t.deepEqual(delaysBetween(from, [moment('a', 5, 104), moment('b', 12, 100)]).onCoreMs, { p50: 1, p99: 2, max: 2 });
  t.is(delaysBetween(from, [moment('a', 5, 104), moment('b', 12, 100, 8)]).onCoreMs, null, 'another thread');
  t.is(delaysBetween(from, [moment('a', 5, 104), moment('b', 12)]).onCoreMs, null, 'nobody tells');
});

test('without votes there is nothing to tell', (t) => {
  const { votes, ms, onCoreMs } = delaysBetween([moment('a', 0, 1)], []);
  t.deepEqual([votes, ms.p99, onCoreMs], [0, Number.NaN, null]);
});
