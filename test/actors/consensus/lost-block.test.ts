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
