import { ConsensusCluster } from '../../support/consensus-cluster.js';
import { onBothHosts as test } from '../../support/hosts.js';

const RULES = ['three-chain', 'two-chain'] as const;

for (const rule of RULES) {
  test(`four replicas commit at the pace of the network, ${rule}`, (t) => {
    const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 1000, rule }).start().run(1000);
    t.deepEqual(cluster.violations, []);
    for (const id of [0, 1, 2, 3]) t.true(cluster.nonEmpty(id) > 100, `replica ${id}: ${cluster.nonEmpty(id)}`);
  });

  for (const tenureLength of [1, 2, 3, 4]) {
    test(`T = ${tenureLength}, one of four dead: non-empty blocks commit, ${rule}`, (t) => {
      const cluster = new ConsensusCluster({ replicas: 4, tenureLength, rule }).start(0, 1, 3).run(60_000);
      t.deepEqual(cluster.violations, []);
      for (const id of [0, 1, 3]) t.true(cluster.nonEmpty(id) > 20, `replica ${id}: ${cluster.nonEmpty(id)}`);
    });
  }
}

for (const replicas of [1, 2, 3, 7, 10]) {
  test(`n = ${replicas} commits`, (t) => {
    const cluster = new ConsensusCluster({ replicas, tenureLength: 10, rule: 'three-chain' }).start().run(2000);
    t.deepEqual(cluster.violations, []);
    for (let id = 0; id < replicas; id += 1)
      t.true(cluster.nonEmpty(id) > 50, `replica ${id}: ${cluster.nonEmpty(id)}`);
  });
}
