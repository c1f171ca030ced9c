/** Proposals whose ancestors are missing: what is asked for, and what counts once they have come. */
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
  const high = stage.block(10, GENESIS, GENESIS_QC);
  const onHigh = stage.block(11, high, stage.qc(high));
  const onLow = stage.block(20, low, stage.qc(low));
  stage.propose(stage.proposal(onHigh)).propose(stage.proposal(onLow, stage.tc(1)));
  t.deepEqual(asked(stage), [high.hash], 'one at a time, the highest first');
  stage.tell({ type: 'ancestorsArrived', blocks: [high], certificate: stage.qc(high) });
  t.deepEqual(asked(stage), [high.hash, low.hash]);
  t.deepEqual(behind(stage), [true]);
  stage.take('vote');
  stage.tell({ type: 'ancestorsArrived', blocks: [low], certificate: stage.qc(low) });
  t.deepEqual(asked(stage), [high.hash, low.hash]);
  t.deepEqual(behind(stage), [true, false]);
  t.deepEqual(
    stage.take('vote').map(({ message }) => message.vote.block),
    [onLow.hash],
  );
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
