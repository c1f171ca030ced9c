/** The block of the highest certificate is on no disk any more: three-chain votes do not wait until it is. */
import { asReplicaId } from '../../../src/protocol/numbers.js';
import type { QuorumCertificate } from '../../../src/protocol/types.js';
import { ConsensusCluster } from '../../support/consensus-cluster.js';
import { onBothHosts as test } from '../../support/hosts.js';

/**
 * Of four replicas 2 is cut off. The power of the others fails just when QC(3) is made: blocks 1 and 2 and QC(1) are on
 * their disks, block 3 is on none. `told`: the certificate is the last thing that reaches 2. 0 stays dead.
 */
function afterTheLoss(tenureLength: number, told: boolean): { cluster: ConsensusCluster; lost: QuorumCertificate } {
  const cluster = new ConsensusCluster({ replicas: 4, tenureLength, rule: 'three-chain', delayMs: [1, 0], syncMs: 30 });
  let lost: QuorumCertificate | null = null;
  cluster.cut = (from, to, message) => {
    if (message.type === 'proposal' && message.proposal.block.header.justify.view === 3) {
      lost ??= message.proposal.block.header.justify;
    }
    return from === 2 || to === 2;
  };
  cluster.start();
  for (let step = 0; step < 5000 && lost === null; step += 1) cluster.run(0.1);
  if (lost === null) throw new Error('no certificate for view 3 was made');
  for (const id of [0, 1, 3]) cluster.crash(id);
  const certificates = { highQc: lost, tc: null };
  if (told) cluster.tell(2, { type: 'certificatesReceived', from: asReplicaId(0), certificates });
  cluster.run(20);
  cluster.cut = () => false;
  cluster.start(1, 3);
  return { cluster, lost };
}

for (const tenureLength of [4, 1000]) {
  for (const told of [false, true]) {
    const who = told ? 'one replica alone' : 'nobody';
    test(`tenures of ${tenureLength}: a cluster goes on after the loss of a certified block, whose certificate ${who} knows`, (t) => {
      const { cluster } = afterTheLoss(tenureLength, told);
      cluster.run(8_000);
      t.true(
        Math.min(...[1, 2, 3].map((id) => cluster.height(id))) > 10,
        [1, 2, 3].map((id) => cluster.height(id)).join(),
      );
      t.deepEqual(cluster.violations, []);
    });
  }
}

/**
 * The schedule by reputation, and 2 says nothing until nobody has it lead, but hears all up to block h-1. The power of the
 * others fails just when QC(h) is made: QC(h-2) is on their disks, block h is on none. 2 hears QC(h-1), starts again, by
 * which it is locked there, and hears QC(h). 0 stays dead, so that the vote of 2 is needed.
 */
function lockedAboveTheOthers(tenureLength: number): { cluster: ConsensusCluster; lost: number; justified: number[] } {
  const options = { delayMs: [1, 0], syncMs: 30, baseTimeoutMs: 100, schedule: 'reputation' } as const;
  const cluster = new ConsensusCluster({ ...options, replicas: 4, tenureLength, rule: 'three-chain' });
  const certificates: QuorumCertificate[] = [];
  const newest = () => certificates.at(-1)?.view ?? 0;
  let lost = Number.POSITIVE_INFINITY;
  cluster.cut = (from, to, message) => {
    if (message.type === 'proposal') {
      const { justify } = message.proposal.block.header;
      if (justify.view > newest()) certificates.push(justify);
    }
    return from === 2 || (to === 2 && newest() > lost - 2);
  };
  cluster.start().run(8000);
  lost = newest() + 4;
  for (let step = 0; step < 5000 && newest() < lost; step += 1) cluster.run(0.1);
  for (const id of [0, 1, 3]) cluster.crash(id);
  const tell = (highQc: QuorumCertificate | undefined) => {
    if (highQc === undefined) throw new Error('too little was certified');
    cluster.tell(2, { type: 'certificatesReceived', from: asReplicaId(0), certificates: { highQc, tc: null } });
    cluster.run(60);
  };
  tell(certificates.at(-2));
  cluster.crash(2);
  cluster.start(2).run(60);
  tell(certificates.at(-1));
  const justified: number[] = [];
  cluster.cut = (_from, _to, message) => {
    if (message.type === 'proposal') justified.push(message.proposal.block.header.justify.view);
    return false;
  };
  return { cluster, lost, justified };
}

// It refuses what the others build, and commits nothing by which it could earn a turn: without commits everybody has one.
for (const tenureLength of [1, 4]) {
  test(`tenures of ${tenureLength}: who alone holds what it is locked on leads in time, although nobody had it lead`, (t) => {
    const { cluster, lost, justified } = lockedAboveTheOthers(tenureLength);
    t.deepEqual(
      [1, 2, 3].map((id) => lost - (cluster.record(id)?.highQc.view ?? 0)),
      [2, 1, 2],
    );
    const before = cluster.height(2);
    const leaders: number[] = [];
    cluster.heard = (id, message) => {
      if (id === 1 && message.type === 'viewEntered') leaders.push(message.leader);
    };
    const from = cluster.time.now;
    cluster.start(1, 3);
    while (!leaders.includes(2) && cluster.time.now - from < 30_000) cluster.run(1);
    t.log(`after ${cluster.time.now - from} ms, and ${leaders.join()}`);
    t.true(leaders.includes(2) && leaders.length > 4, leaders.join());
    t.deepEqual(new Set(justified), new Set([lost - 2]), 'nothing that the others propose is certified');
    cluster.run(6000);
    const heights = [1, 2, 3].map((id) => cluster.height(id));
    t.true(Math.min(...heights) > before + 10, `${before}, ${heights}`);
    t.deepEqual(cluster.violations, []);
  });
}
