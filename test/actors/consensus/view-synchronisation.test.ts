/** Replicas that know different certificates, in different tenures, come together again (DESIGN section 4, Pacemaker). */

import { ConsensusCluster } from '../../support/consensus-cluster.js';
import { onBothHosts as test } from '../../support/hosts.js';

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

  test(`a correct replica that the leader leaves out for a whole tenure is told by the others, and follows, ${rule}`, (t) => {
    const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 100_000, rule }).start(...ALIVE, 3).run(300);
    cluster.cut = (from, to) => from === 0 && to === 3;
    cluster.run(4000);
    t.true(Number(cluster.views[0]) < 100_000, 'the leader keeps its tenure');
    const height = cluster.height(1);
    t.true(height > 100, `${height} blocks are committed without it`);
    const before = cluster.height(3);
    cluster.run(3000);
    t.true(cluster.height(3) > before, `it goes on from ${before}`);
    t.true(cluster.height(3) >= height, `it is at ${cluster.height(3)}, and the others were at ${height}`);
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

test('a lock that one replica alone holds is told by its Timeout, and the next leader builds on it, two-chain', (t) => {
  const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 100_000, rule: 'two-chain' }).start().run(300);
  // the leader tells replica 2 alone how far it is, and dies: the others need 2 for a quorum, and 2 is locked above them
  cluster.cut = (from, to, { type }) => from === 0 && (to !== 2 || type === 'certificates');
  for (let ms = 0; ms < 20 && Number(cluster.views[2]) <= Number(cluster.views[1]); ms += 1) cluster.run(1);
  t.true(Number(cluster.views[2]) > Number(cluster.views[1]));
  cluster.crash(0);
  // certificates on their own are lost: Timeouts alone must do
  cluster.cut = (_from, _to, { type }) => type === 'certificates';
  const before = cluster.height(1);
  cluster.run(5000);
  t.is(Math.floor(Number(cluster.views[1]) / 100_000), 1, 'the tenure of replica 1 goes on');
  for (const id of [1, 2, 3]) t.true(cluster.height(id) > before + 20, `replica ${id}: ${cluster.height(id)}`);
  t.deepEqual(cluster.violations, []);
});
