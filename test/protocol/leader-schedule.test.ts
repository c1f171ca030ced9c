import test from 'ava';
import { roundRobin } from '../../src/protocol/leader-schedule.js';
import { asHeight, asReplicaId, asTenure, asView } from '../../src/protocol/numbers.js';

const nothing = { height: asHeight(0), view: asView(0), recent: [] };

test('round-robin goes through all replicas in order and starts again', (t) => {
  const schedule = roundRobin(4);
  const leaders = [0, 1, 2, 3, 4, 5, 4_001].map((k) => schedule.leaderOf(asTenure(k), nothing));
  t.deepEqual(leaders, [0, 1, 2, 3, 0, 1, 1].map(asReplicaId));
});

test('round-robin does not look at what was committed', (t) => {
  const summary = { view: asView(9), proposer: asReplicaId(3), signers: [asReplicaId(3)] };
  const some = { height: asHeight(7), view: asView(9), recent: [summary] };
  const schedule = roundRobin(7);
  for (let k = 0; k < 20; k += 1) {
    t.is(schedule.leaderOf(asTenure(k), some), schedule.leaderOf(asTenure(k), nothing));
  }
});
