import test from 'ava';
import { ReplyVotes } from '../../../actors/client/reply-votes.js';
import { asHeight, asReplicaId } from '../../../src/protocol/numbers.js';

const claim = (from: number, ...reply: number[]) => ({
  from: asReplicaId(from),
  height: asHeight(1),
  reply: Uint8Array.from(reply),
});

test('a reply is proved by exactly so many different replicas as are needed', (t) => {
  for (const needed of [1, 2, 3, 34]) {
    const votes = new ReplyVotes();
    const counted = Array.from({ length: needed }, (_, from) => votes.count(claim(from, 1), needed));
    t.is(counted.indexOf(true), needed - 1);
  }
});

test('no replica votes twice, whatever its index', (t) => {
  for (const replica of [0, 1, 29, 30, 31, 32, 61, 62, 99]) {
    const votes = new ReplyVotes();
    t.false(votes.count(claim(replica, 1), 2));
    t.false(votes.count(claim(replica, 1), 2), `${replica}`);
    t.false(votes.count(claim(replica, 2), 1), 'its first claim is its vote');
    t.true(votes.count(claim(replica + 1, 1), 2));
  }
});

test('replicas whose indices are 30 or 32 apart are different voters', (t) => {
  for (const [one, other] of [
    [0, 30],
    [0, 32],
    [1, 33],
    [29, 61],
    [30, 62],
  ] as const) {
    const votes = new ReplyVotes();
    votes.count(claim(one, 1), 2);
    t.true(votes.count(claim(other, 1), 2), `${one} ${other}`);
  }
});

test('replies of one length that differ in one byte are different', (t) => {
  const votes = new ReplyVotes();
  t.false(votes.count(claim(0, 1, 2, 3), 2));
  t.false(votes.count(claim(1, 1, 2, 4), 2));
  t.false(votes.count(claim(2, 1, 2), 2));
  t.true(votes.count(claim(3, 1, 2, 4), 2));
});

test('the same bytes at another height are another reply', (t) => {
  const votes = new ReplyVotes();
  t.false(votes.count({ ...claim(0, 1), height: asHeight(4) }, 2));
  t.false(votes.count({ ...claim(1, 1), height: asHeight(5) }, 2));
  t.true(votes.count({ ...claim(2, 1), height: asHeight(4) }, 2));
});
