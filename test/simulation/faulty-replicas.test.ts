import test from 'ava';
import type { Fault } from '../../src/simulation/case.js';
import { faultyReplicas, isWithinFaultBound } from '../../src/simulation/faulty-replicas.js';

const damage = (replica: number): Fault => ({ at: 1, type: 'damage', replica, damage: 'slotFlipped' });
const rollback = (replica: number): Fault => ({ at: 2, type: 'rollback', replica });
const none = { replicas: 7, liars: [], dead: [], faults: [] };

test('who is dead, lies, has a damaged store or one that is put back is faulty, and counts once', (t) => {
  const liars = [{ replica: 1, strategies: ['rollback'] }];
  const faults: readonly Fault[] = [
    { at: 0, type: 'image', replica: 6 },
    { at: 1, type: 'crash', replica: 5, loss: 'torn' },
    damage(2),
    damage(2),
    rollback(1),
    rollback(3),
  ];
  t.deepEqual([...faultyReplicas({ liars, dead: [0], faults })].sort(), [0, 1, 2, 3]);
  t.deepEqual([...faultyReplicas(none)], []);
});

test('f of n may be faulty, and no more, whatever it is that they suffer', (t) => {
  t.true(isWithinFaultBound({ ...none, dead: [0], faults: [damage(1)] }));
  t.false(isWithinFaultBound({ ...none, dead: [0], faults: [damage(1), rollback(2)] }));
  t.false(
    isWithinFaultBound({ ...none, replicas: 4, liars: [{ replica: 3, strategies: ['mute'] }], faults: [damage(1)] }),
  );
  t.true(isWithinFaultBound({ ...none, replicas: 4, dead: [1], faults: [damage(1)] }));
});
