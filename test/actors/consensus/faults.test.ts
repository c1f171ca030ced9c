import { ConsensusCluster } from '../../support/consensus-cluster.js';
import { onBothHosts as test } from '../../support/hosts.js';

const RULES = ['three-chain', 'two-chain'] as const;
const ALL = [0, 1, 2, 3];

function heights(cluster: ConsensusCluster, ids: readonly number[]): number[] {
  return ids.map((id) => cluster.height(id));
}

for (const rule of RULES) {
  test(`the leader dies: the others commit again within two seconds, ${rule}`, (t) => {
    const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 1000, rule }).start().run(500);
    const leader = cluster.leaders[1] as number;
    const others = ALL.filter((id) => id !== leader);
    cluster.crash(leader);
    const before = heights(cluster, others);
    cluster.run(1100);
    for (const [index, id] of others.entries()) t.true(cluster.height(id) > (before[index] ?? 0) + 5, `replica ${id}`);
    t.deepEqual(cluster.violations, []);
  });

  test(`a replica that was away catches up and votes again, ${rule}`, (t) => {
    const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 1000, rule }).start().run(300);
    cluster.crash(2);
    cluster.run(1000);
    cluster.start(2).run(500);
    const [first, second] = [cluster.height(0), cluster.height(2)];
    t.true(Math.abs(first - second) <= 3, `heights ${first} and ${second}`);
    cluster.crash(3);
    cluster.run(2000);
    t.true(cluster.height(2) > second + 50, 'its vote is needed now that another is dead');
    t.deepEqual(cluster.violations, []);
  });

  test(`all four die at once and go on from their disks, ${rule}`, (t) => {
    const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 1000, rule }).start().run(300);
    for (let life = 0; life < 3; life += 1) {
      const before = Math.max(...heights(cluster, ALL));
      for (const id of ALL) cluster.crash(id);
      cluster.run(50);
      cluster.start().run(2500);
      for (const id of ALL)
        t.true(cluster.height(id) > before + 20, `life ${life}, replica ${id}: ${cluster.height(id)}`);
    }
    t.deepEqual(cluster.violations, []);
  });

  test(`a leader that restarts resigns at once, ${rule}`, (t) => {
    const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 1000, rule }).start().run(300);
    const leader = cluster.leaders[0] as number;
    cluster.crash(leader);
    cluster.start(leader);
    const before = cluster.height(leader);
    cluster.run(100);
    t.not(cluster.leaders[leader], leader);
    t.true(cluster.height(leader) > before, 'well before the view timer of 1000 ms');
    t.deepEqual(cluster.violations, []);
  });

  for (const tenureLength of [1, 4, 1000]) {
    test(`crashes and restarts one after the other under 5 % loss, T = ${tenureLength}, ${rule}`, (t) => {
      const cluster = new ConsensusCluster({ replicas: 4, tenureLength, rule, loss: 0.05, delayMs: [2, 20] });
      cluster.start().run(2000);
      for (const id of ALL) {
        cluster.crash(id);
        cluster.run(1500);
        cluster.start(id).run(1500);
      }
      const before = Math.min(...heights(cluster, ALL));
      cluster.run(6000);
      t.deepEqual(cluster.violations, []);
      for (const id of ALL) t.true(cluster.height(id) > before + 10, `replica ${id}`);
    });
  }
}

test('replicas that a TC has left in different tenures come together again', (t) => {
  const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 4, rule: 'three-chain' }).start(0, 1, 2).run(500);
  // replica 2 hears nothing that would bring it along, while the others move on with it deaf; then one of them dies
  cluster.cut = (from, to) => to === 2 || from === 2;
  cluster.run(5000);
  cluster.cut = () => false;
  const before = cluster.height(0);
  cluster.run(20_000);
  t.true(cluster.height(0) > before + 20 && cluster.height(2) > before + 20);
  t.deepEqual(cluster.violations, []);
});

test('a quorum that was split in two halves goes on when the halves meet', (t) => {
  for (const seed of [1, 2, 3, 4]) {
    const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 1000, rule: 'three-chain', seed })
      .start()
      .run(300);
    cluster.cut = (from, to) => from < 2 !== to < 2;
    cluster.run(10_000);
    const before = Math.max(...heights(cluster, ALL));
    cluster.run(5000);
    t.is(Math.max(...heights(cluster, ALL)), before, 'no half commits');
    cluster.cut = () => false;
    cluster.run(10_000);
    for (const id of ALL) t.true(cluster.height(id) > before + 20, `seed ${seed}, replica ${id}`);
    t.deepEqual(cluster.violations, []);
  }
});

test('a leader that nobody hears loses its tenure', (t) => {
  const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 1000, rule: 'three-chain' }).start().run(300);
  const leader = cluster.leaders[0] as number;
  cluster.cut = (from, _to, message) => from === leader && message.type === 'proposal';
  const before = cluster.height((leader + 1) % 4);
  cluster.run(3000);
  t.true(cluster.height((leader + 1) % 4) > before + 20);
  t.deepEqual(cluster.violations, []);
});

test('good times cost few messages a committed block', (t) => {
  const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 1000, rule: 'three-chain' }).start().run(2000);
  const messages = [...cluster.sent.values()].reduce((sum, count) => sum + count, 0);
  t.true(messages / cluster.height(0) < 10, `${messages} messages for ${cluster.height(0)} blocks`);
});

for (const tenureLength of [1, 4, 1000]) {
  test(`an idle cluster makes three empty blocks a second and commits them, T = ${tenureLength}`, (t) => {
    const cluster = new ConsensusCluster({ replicas: 4, tenureLength, rule: 'three-chain', busy: false });
    cluster.start().run(1000);
    const before = cluster.height(0);
    cluster.run(10_000);
    const made = cluster.height(0) - before;
    t.true(made >= 25 && made <= 32, `${made} blocks in ten seconds`);
    t.deepEqual(cluster.violations, []);
  });
}
