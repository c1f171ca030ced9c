import test from 'ava';
import { retryDelayMs, retryTargets } from '../../../actors/client/retries.js';
import { asReplicaId } from '../../../src/protocol/numbers.js';

const targets = (reachable: number[], leader: number, retry: number, needed: number): number[] => [
  ...retryTargets({ reachable: reachable.map(asReplicaId), leader: asReplicaId(leader), retry, needed }),
];

test('the retry time doubles three times and stays', (t) => {
  t.deepEqual(
    [0, 1, 2, 3, 4, 50].map((retries) => retryDelayMs(500, retries)),
    [500, 1000, 2000, 4000, 4000, 4000],
  );
});

test('retries go round the replicas, f+1 at a time from the leader on, and from the fourth on to all', (t) => {
  const seven = [0, 1, 2, 3, 4, 5, 6];
  t.deepEqual(targets(seven, 5, 0, 3), [5, 6, 0]);
  t.deepEqual(targets(seven, 5, 1, 3), [1, 2, 3]);
  t.deepEqual(targets(seven, 5, 2, 3), [4, 5, 6]);
  t.deepEqual(targets(seven, 5, 3, 3), seven);
});

test('a leader that is not reachable is passed over', (t) => {
  t.deepEqual(targets([0, 2, 3], 1, 0, 2), [2, 3]);
  t.deepEqual(targets([0, 1, 2], 3, 0, 2), [0, 1]);
  t.deepEqual(targets([3], 1, 0, 2), [3]);
  t.deepEqual(targets([1, 3], 1, 0, 2), [1, 3]);
});
