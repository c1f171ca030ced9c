/** Proposals whose ancestors are missing: what is asked for, and what counts once they have come. */
import { asReplicaId, asView } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

/** The certified blocks that sync was asked for, and whether the replica was told to be behind, in order. */
const asked = (stage: ConsensusStage) =>
  stage.told.flatMap(({ message }) => (message.type === 'ancestorsMissing' ? [message.certificate.block] : []));
const behind = (stage: ConsensusStage) =>
  stage.told.flatMap(({ message }) => (message.type === 'syncChanged' ? [message.behind] : []));

test('the certificates of proposals that waited count: a commit that only one of them shows is not missed', (t) => {
  const stage = new ConsensusStage({ id: 2, tenureLength: 4 });
  const first = stage.block(1, GENESIS, GENESIS_QC);
  const [second, third] = stage.proposeChain(2, 3, first, stage.qc(first)) as [Block, Block];
  const eighth = stage.block(8, third, stage.qc(third));
  stage.propose(stage.proposal(eighth, stage.tc(1, stage.qc(second))));
  stage.proposeChain(9, 9, eighth, stage.qc(eighth));
  t.deepEqual(stage.addedViews, [], 'all wait for view 1');
  stage.propose(stage.proposal(first));
  t.deepEqual(stage.addedViews, [1, 2, 3, 8, 9]);
  t.deepEqual(stage.committedViews, [1], 'QC(3) stands in the block of view 8 alone; 2, 3 and 8 are not consecutive');
});

test('a parent on a lower branch is asked for when the higher one has come', (t) => {
  const stage = new ConsensusStage({ id: 3, tenureLength: 10 });
  const low = stage.block(1, GENESIS, GENESIS_QC);
  const high = stage.block(20, GENESIS, GENESIS_QC);
  const onHigh = stage.block(21, high, stage.qc(high));
  const onLow = stage.block(10, low, stage.qc(low));
  stage.propose(stage.proposal(onHigh)).propose(stage.proposal(onLow, stage.tc(0)));
  t.deepEqual(asked(stage), [high.hash], 'one at a time, that of the present view first');
  stage.tell({ type: 'ancestorsArrived', blocks: [high], certificate: stage.qc(high) });
  t.deepEqual(asked(stage), [high.hash, low.hash]);
  t.deepEqual(behind(stage), [true]);
  stage.tell({ type: 'ancestorsArrived', blocks: [low], certificate: stage.qc(low) });
  t.deepEqual(asked(stage), [high.hash, low.hash]);
  t.deepEqual(behind(stage), [true, false]);
});

/** Replica 2 of three-chain knows the certificate of a block that is lost; leaders build on what stands below it. */
function knowsOfLost() {
  const stage = new ConsensusStage({ id: 2, tenureLength: 10 });
  const low = stage.block(1, GENESIS, GENESIS_QC, 'low');
  const lost = stage.block(2, low, stage.qc(low), 'lost');
  const known = stage.qc(lost);
  const proposalOn = (view: number, parent: Block) =>
    stage.proposal(stage.block(view, parent, stage.qc(parent)), stage.tc(view / 10 - 1, known));
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(0), certificates: { highQc: known, tc: null } });
  return { stage, low, lost, known, proposalOn };
}

test('what the leader of the present view builds on is asked for before a higher block, which may be lost', (t) => {
  const { stage, low, lost, known, proposalOn } = knowsOfLost();
  const proposal = proposalOn(10, low);
  stage.propose(proposal);
  t.deepEqual(asked(stage), [lost.hash, low.hash]);
  const timeout = stage.timeout(3, 1, known);
  stage.tell({ type: 'timeoutReceived', from: asReplicaId(3), timeout });
  stage.tell({ type: 'resendDue', view: asView(10) });
  t.deepEqual(
    asked(stage),
    [lost.hash, low.hash],
    'neither the certificate once more nor time takes the turn away in its view',
  );
  stage.tell({ type: 'ancestorsArrived', blocks: [low], certificate: stage.qc(low) });
  t.deepEqual(
    stage.take('vote').map(({ message }) => message.vote.block),
    [proposal.block.hash],
  );
  t.deepEqual(asked(stage), [lost.hash, low.hash, lost.hash], 'and then the higher one is next');
  t.deepEqual(behind(stage), [true]);
});

test('a leader that builds on what nobody has keeps a higher block away for one view alone', (t) => {
  const { stage, low, lost, proposalOn } = knowsOfLost();
  stage.propose(proposalOn(10, low));
  stage.tell({
    type: 'certificatesReceived',
    from: asReplicaId(3),
    certificates: { highQc: stage.qc(lost), tc: stage.tc(1) },
  });
  t.deepEqual(asked(stage), [lost.hash, low.hash], 'what was asked for has until the next quarter of the timer');
  stage.tell({ type: 'resendDue', view: asView(20) });
  t.deepEqual(asked(stage), [lost.hash, low.hash, lost.hash]);
  stage.tell({ type: 'resendDue', view: asView(20) });
  t.is(asked(stage).length, 3, 'once');
  const higher = stage.block(20, lost, stage.qc(lost));
  stage.tell({
    type: 'certificatesReceived',
    from: asReplicaId(3),
    certificates: { highQc: stage.qc(higher), tc: null },
  });
  t.deepEqual(asked(stage).slice(3), [higher.hash], 'a certificate that is news has its turn at once');
});

test('certificates of the lost that are told again, and proposals that come again, change no turn', (t) => {
  const { stage, low, lost, known, proposalOn } = knowsOfLost();
  stage.propose(proposalOn(10, low));
  for (let again = 0; again < 3; again += 1) {
    stage.tell({
      type: 'certificatesReceived',
      from: asReplicaId(3),
      certificates: { highQc: known, tc: stage.tc(0, known) },
    });
    stage.propose(proposalOn(10, low));
  }
  t.deepEqual(asked(stage), [lost.hash, low.hash]);
});

test('a parent that waits itself is not asked for', (t) => {
  const stage = new ConsensusStage({ id: 3, tenureLength: 10 });
  const low = stage.block(1, GENESIS, GENESIS_QC);
  stage.proposeChain(2, 3, low, stage.qc(low));
  const high = stage.block(20, GENESIS, GENESIS_QC);
  stage.propose(stage.proposal(stage.block(21, high, stage.qc(high))));
  const before = asked(stage).length;
  stage.tell({ type: 'ancestorsArrived', blocks: [high], certificate: stage.qc(high) });
  t.deepEqual(asked(stage).slice(before), [low.hash]);
});
