/** Replicas that know different certificates, in different tenures, come together again (DESIGN section 4, Pacemaker). */
import test from 'ava';
import { ConsensusCluster } from '../../support/consensus-cluster.js';

const RULES = ['three-chain', 'two-chain'] as const;
const ALIVE = [0, 1, 2];

for (const rule of RULES) {
  test(`one of four is dead, one has moved by a TC that no other ever sees: different tenures come together, ${rule}`, (t) => {
    const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 1000, rule }).start(...ALIVE).run(300);
    // the leader falls silent; 2 hears the Timeouts of all and has a TC, 0 and 1 hear no Timeout
    cluster.cut = (_from, to, message) =>
      message.type === 'proposal' || message.type === 'certificates' || (message.type === 'timeout' && to !== 2);
    cluster.run(1200);
    t.deepEqual(
      ALIVE.map((id) => Number(cluster.views[id]) >= 1000),
      [false, false, true],
    );
    // the network is whole again, but for certificates on their own: Timeouts alone must do
    cluster.cut = (_from, _to, message) => message.type === 'certificates';
    const before = cluster.height(0);
    cluster.run(10_000);
    for (const id of ALIVE) t.true(cluster.height(id) > before + 20, `replica ${id}: ${cluster.height(id)}`);
    t.deepEqual(cluster.violations, []);
  });

  for (const tenureLength of [1, 4, 1000]) {
    test(`one of four is dead and the others die on the border of a tenure: they go on, T = ${tenureLength}, ${rule}`, (t) => {
      for (const moment of [0, 3, 6, 9]) {
        const cluster = new ConsensusCluster({ replicas: 4, tenureLength, rule }).start(...ALIVE).run(300);
        const tenure = Math.floor(Number(cluster.views[0]) / tenureLength);
        cluster.cut = (_from, _to, message) => message.type === 'proposal';
        while (ALIVE.every((id) => Math.floor(Number(cluster.views[id]) / tenureLength) <= tenure)) cluster.run(1);
        cluster.cut = () => false;
        cluster.run(moment);
        for (const id of ALIVE) cluster.crash(id);
        const before = Math.max(...ALIVE.map((id) => cluster.height(id)));
        cluster.start(...ALIVE).run(10_000);
        for (const id of ALIVE) t.true(cluster.height(id) > before, `after ${moment} ms, replica ${id}`);
        t.deepEqual(cluster.violations, [], `after ${moment} ms`);
      }
    });
  }
}
