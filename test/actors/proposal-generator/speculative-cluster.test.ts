import { ConsensusCluster } from '../../support/consensus-cluster.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { replay, WatchedLedger } from '../../support/watched-ledger.js';

const REPLICAS = [0, 1, 2, 3];

/** Four replicas with machines that notice what they should not be asked; every life of a replica has a machine of its own. */
function clusterOf(rule: 'three-chain' | 'two-chain', seed: number) {
  const machines = REPLICAS.map((): WatchedLedger[] => []);
  const machine = (id: number) => {
    const lives = machines[id] ?? [];
    const next = new WatchedLedger(`r${id}.${lives.length}`);
    lives.push(next);
    return next;
  };
  const tenureLength = rule === 'three-chain' ? 8 : 6;
  const cluster = new ConsensusCluster({ replicas: 4, tenureLength, rule, seed, baseTimeoutMs: 100, machine }).start();
  /** The values that a replica's machine has committed, and those of the log beside it. */
  const states = (id: number) => ({
    state: machines[id]?.at(-1)?.committed ?? [],
    log: replay(cluster.bodies(id)),
  });
  const all = () => machines.flat();
  return { cluster, machines, states, all };
}

for (const rule of ['three-chain', 'two-chain'] as const) {
  test(`${rule}: leaders take turns, and each machine’s state is a replay of its log`, async (t) => {
    const { cluster, states, all } = clusterOf(rule, 1);
    await cluster.runMachines(600);
    t.deepEqual(cluster.violations, []);
    for (const id of REPLICAS) {
      const { state, log } = states(id);
      t.deepEqual(state, log.slice(0, state.length));
      t.true(state.length > 20 && log.length - state.length < 4, `${state.length} of ${log.length} values`);
    }
    const proposers = new Set(states(0).log.map((value) => value.slice(0, 2)));
    t.is(proposers.size, 4, 'each leader got proposals of its own committed');
    t.deepEqual(
      all().flatMap(({ violations }) => violations),
      [],
    );
  });

  test(`${rule}: through loss, crashes and partitions each machine’s state is a replay of its log`, async (t) => {
    let rewinds = 0;
    for (const seed of [11, 12, 13]) {
      const { cluster, states, all } = clusterOf(rule, seed);
      cluster.loss = 0.03;
      for (let round = 0; round < 8; round += 1) {
        const victim = (seed + round) % 4;
        await cluster.runMachines(150);
        if (round % 2 === 0) cluster.crash(victim);
        else cluster.cut = (from, to) => (from === victim) !== (to === victim);
        await cluster.runMachines(250);
        cluster.cut = () => false;
        if (round % 2 === 0) cluster.start(victim);
      }
      cluster.loss = 0;
      const before = states(0).state.length;
      await cluster.runMachines(1500);
      t.deepEqual(cluster.violations, []);
      for (const id of REPLICAS) {
        const { state, log } = states(id);
        t.deepEqual(state, log.slice(0, state.length));
        t.true(log.length - state.length < 4 && state.length > before, `${state.length} of ${log.length} values`);
      }
      t.deepEqual(
        all().flatMap(({ violations }) => violations),
        [],
      );
      rewinds += all().reduce((sum, machine) => sum + machine.rewinds, 0);
    }
    t.true(rewinds > 0, 'some machine was left behind');
  });
}
