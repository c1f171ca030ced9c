import test from 'ava';
import { countReply, type ReplyVote } from '../../../actors/client/reply-votes.js';
import { retryDelayMs, retryTargets } from '../../../actors/client/retries.js';
import { asHeight, asReplicaId } from '../../../src/protocol/numbers.js';

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

test('a reply is proved by exactly so many different replicas as are needed', (t) => {
  for (const needed of [1, 2, 3, 34]) {
    const votes: ReplyVote[] = [];
    const claim = (from: number) => ({ from: asReplicaId(from), height: asHeight(1), reply: Uint8Array.of(1) });
    const counted = Array.from({ length: needed + 2 }, (_, from) => countReply(votes, claim(from), needed));
    t.is(counted.indexOf(true), needed - 1);
    t.is(votes.length, 1);
  }
});

test('replies of one length that differ in one byte are different', (t) => {
  const votes: ReplyVote[] = [];
  const claim = (from: number, ...reply: number[]) => ({
    from: asReplicaId(from),
    height: asHeight(1),
    reply: Uint8Array.from(reply),
  });
  t.false(countReply(votes, claim(0, 1, 2, 3), 2));
  t.false(countReply(votes, claim(1, 1, 2, 4), 2));
  t.false(countReply(votes, claim(2, 1, 2), 2));
  t.true(countReply(votes, claim(3, 1, 2, 4), 2));
});
