/** What consensus does while the machine is too far behind what is committed. */
import { asReplicaId } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { ConsensusCluster } from '../../support/consensus-cluster.js';
import { ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const answers = (stage: ConsensusStage) =>
  stage.told.filter(({ message }) => message.type === 'ancestorsSettled').length;

test('a replica whose machine is behind takes in no proposal, and what it missed is fetched afterwards', (t) => {
  const stage = new ConsensusStage({ id: 1 });
  const [, , third] = stage.proposeChain(1, 3) as [Block, Block, Block];
  stage.take('vote');
  stage.tell({ type: 'executionBehind', behind: true });
  const [fourth] = stage.proposeChain(4, 4, third, stage.qc(third)) as [Block];
  t.deepEqual(stage.addedViews, [1, 2, 3]);
  t.is(stage.take('vote').length, 0);
  stage.tell({ type: 'executionBehind', behind: false });
  const fifth = stage.block(5, fourth, stage.qc(fourth));
  stage.propose(stage.proposal(fifth));
  stage.tell({ type: 'ancestorsArrived', blocks: [fourth], certificate: stage.qc(fourth) });
  t.deepEqual(stage.addedViews, [1, 2, 3, 4, 5]);
  t.is(stage.take('vote').length, 1);
});

test('fetched blocks are answered once the machine has caught up, each batch once: no more are fetched before', (t) => {
  const stage = new ConsensusStage({ id: 1 });
  const source = new ConsensusStage({ id: 2 });
  const [first, second, third] = source.proposeChain(1, 3) as [Block, Block, Block];
  stage.propose(stage.proposal(stage.block(4, third, stage.qc(third))));
  stage.tell({ type: 'executionBehind', behind: true });
  stage.tell({ type: 'ancestorsArrived', blocks: [first], certificate: stage.qc(first) });
  stage.tell({ type: 'ancestorsArrived', blocks: [second], certificate: stage.qc(second) });
  t.is(answers(stage), 0);
  stage.tell({ type: 'executionBehind', behind: false });
  t.is(answers(stage), 2);
  stage.tell({ type: 'ancestorsArrived', blocks: [third], certificate: stage.qc(third) });
  t.is(answers(stage), 3);
});

test('a leader whose machine is behind proposes when it has caught up', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  stage.tell({ type: 'executionBehind', behind: true });
  stage.tell({ type: 'proposeNow', view: stage.block(1, GENESIS, GENESIS_QC).header.view, body: 'empty' });
  t.is(stage.take('proposal').length, 0);
  stage.tell({ type: 'executionBehind', behind: false });
  t.is(stage.take('proposal').length, 1);
});

for (const { executionMs, backlogBlocks } of [
  { executionMs: 20, backlogBlocks: 200 },
  { executionMs: 100, backlogBlocks: 50 },
]) {
  test(`a cluster that commits faster than its machines execute, ${executionMs} ms a block, keeps its leader and their pace`, (t) => {
    const options = { replicas: 4, tenureLength: 1_000_000, rule: 'three-chain', executionMs, backlogBlocks } as const;
    const cluster = new ConsensusCluster(options).start().run(3000);
    t.true(cluster.height(0) - (cluster.executed[0] ?? 0) > backlogBlocks / 2, 'it is overloaded');
    const before = [...cluster.executed];
    cluster.run(10_000);
    t.deepEqual(cluster.violations, []);
    t.is(cluster.sent.get('timeout') ?? 0, 0);
    t.deepEqual(new Set(cluster.leaders), new Set([asReplicaId(0)]));
    for (const [id, executed] of cluster.executed.entries()) {
      const share = ((executed - (before[id] ?? 0)) * executionMs) / 10_000;
      t.true(share > 0.98, `the machine of replica ${id} was busy for ${share} of the time`);
      t.true(cluster.height(id) - executed <= backlogBlocks + 16, 'and the backlog is bounded');
    }
  });
}
