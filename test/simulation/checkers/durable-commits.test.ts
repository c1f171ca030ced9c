import test from 'ava';
import { asReplicaId } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { DurableCommitChecker } from '../../../src/simulation/checkers/durable-commits.js';
import { SimulatedDisk } from '../../../src/simulation/disk.js';
import { stream } from '../../../src/simulation/random.js';
import { encodeTip, placeOf, TIP_KEY } from '../../../src/wire/store-layout.js';
import { CLUSTER_ID, childOf, GENESIS } from '../../support/chain.js';

const first = childOf(GENESIS);
const second = childOf(first);

function watched() {
  const accusations: string[] = [];
  const checker = new DurableCommitChecker({
    patienceMs: 1000,
    quietFrom: 500,
    accuse: (invariant, detail) => accusations.push(`${invariant}: ${detail}`),
  });
  const conditions = { latencyMs: [1, 1], failing: false } as const;
  const disk = new SimulatedDisk({ clusterId: CLUSTER_ID, replica: asReplicaId(0) }, stream(1, 'disk'), conditions);
  /** One batch comes to be on the disk: with the name of the last committed block, or without one. */
  function batch(tip: Block | null): void {
    const entries = tip === null ? [] : [{ key: TIP_KEY, value: encodeTip(placeOf(tip)) }];
    const write = { type: 'writeEntries', token: 0, entries, deletes: [] } as const;
    disk.begin(write);
    disk.complete(write);
  }
  return { accusations, checker, disk, batch };
}

test('what is told as committed may miss the batch that is under way, and not the next one', (t) => {
  for (const written of [true, false]) {
    const { accusations, checker, disk, batch } = watched();
    checker.committed(0, disk, 1, 0);
    batch(null);
    checker.look(0, disk, 0);
    t.deepEqual(accusations, []);
    batch(written ? first : null);
    checker.look(0, disk, 0);
    const says = 'S3: replica 0 has told that it committed height 1, and 2 batches later its disk says 0';
    t.deepEqual(accusations, written ? [] : [says]);
  }
});

test('a tip that lags ever further behind is found, though it moves', (t) => {
  const { accusations, checker, disk, batch } = watched();
  checker.committed(0, disk, 1, 0);
  checker.committed(0, disk, 2, 0);
  batch(first);
  batch(first);
  checker.committed(0, disk, 3, 0);
  t.regex(accusations.join(), /told that it committed height 2, and 2 batches later its disk says 1$/);
});

test('a crash takes what is not on the disk yet, and the batches of the next life are not counted against it', (t) => {
  const { accusations, checker, disk, batch } = watched();
  checker.committed(0, disk, 1, 0);
  batch(null);
  checker.crashed(0, disk, 0);
  batch(null);
  checker.look(0, disk, 0);
  checker.recovered(0, disk, 0);
  t.deepEqual(accusations, []);
});

test('a life that ends is judged by then', (t) => {
  const { accusations, checker, disk, batch } = watched();
  checker.committed(0, disk, 1, 0);
  batch(null);
  batch(null);
  checker.crashed(0, disk, 0);
  t.is(accusations.length, 1);
});

test('a restart finds what is on the disk', (t) => {
  const { accusations, checker, disk, batch } = watched();
  batch(second);
  checker.recovered(0, disk, 2);
  t.deepEqual(accusations, []);
  checker.recovered(0, disk, 1);
  t.deepEqual(accusations, ['S3: replica 0 recovered height 1, and on its disk is 2']);
});

test('what is told as committed comes to the disk though nothing else does, counted from when nothing slows it', (t) => {
  const { accusations, checker, disk, batch } = watched();
  checker.committed(0, disk, 1, 100);
  checker.look(0, disk, 1500);
  t.deepEqual(accusations, []);
  checker.look(0, disk, 1501);
  t.deepEqual(accusations, ['S3: replica 0 has told that it committed height 1, and 1001 ms later its disk says 0']);
  batch(first);
  checker.committed(0, disk, 2, 2000);
  checker.look(0, disk, 3000);
  batch(second);
  checker.look(0, disk, 9000);
  t.is(accusations.length, 1);
});
