/** Timeouts that are held count again whenever the tenure changes: the re-sent ones are duplicates and change nothing. */
import { asReplicaId, asTenure } from '../../../src/protocol/numbers.js';
import type { Block, Timeout } from '../../../src/protocol/types.js';
import { ConsensusStage } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const receive = (stage: ConsensusStage, timeout: Timeout, from: number = timeout.signer) =>
  stage.tell({ type: 'timeoutReceived', from: asReplicaId(from), timeout });

/** The tenures that this replica gave up, and those of others that it forwarded, in order. */
const sentBy = (stage: ConsensusStage) =>
  stage.take('timeout').map(({ message }) => [Number(message.timeout.signer), Number(message.timeout.tenure)]);

test('two that have given up a distant tenure are joined there at once, not one tenure and one timer at a time', (t) => {
  const stage = new ConsensusStage({ id: 1, tenureLength: 1 });
  stage.tell({ type: 'timedOut', tenure: asTenure(1) });
  t.deepEqual(sentBy(stage), [[1, 1]]);
  receive(stage, stage.timeout(2, 6));
  receive(stage, stage.timeout(3, 6));
  t.deepEqual(sentBy(stage), [[1, 6]], 'TC(1) entered tenure 2, and f+1 have given up 6');
  t.is(stage.view, 7, 'with this one a quorum has');
});

test('a leader that resigned before its tenure was entered is joined as soon as it is, by QC or by TC', (t) => {
  for (const by of ['qc', 'tc'] as const) {
    const stage = new ConsensusStage({ id: 3, tenureLength: 10 });
    const chain = stage.proposeChain(1, 9);
    const high = stage.qc(chain[8] as Block);
    const resignation = stage.timeout(1, 1, stage.qc(chain[7] as Block));
    receive(stage, resignation);
    t.deepEqual(sentBy(stage), [], 'in tenure 0 another leads');
    const certificates = by === 'qc' ? { highQc: high, tc: null } : { highQc: high, tc: stage.tc(0, high) };
    stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates });
    t.is(stage.view, 10, by);
    const joined = [
      [1, 1],
      [3, 1],
    ];
    t.deepEqual(sentBy(stage), joined, `${by}: forwarded, and joined`);
    receive(stage, resignation);
    t.deepEqual(sentBy(stage), [], 'the one that is sent again is a duplicate');
  }
});
