/** What consensus tells of blocks that were asked after: certified, superseded, or unknown. */
import { asHeight, asReplicaId, asTenure, asView, type BlockHash } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const ask = (stage: ConsensusStage, block: Block | BlockHash) =>
  stage.tell({ type: 'qcWanted', block: typeof block === 'string' ? block : block.hash });

/** What the pacemaker was told of blocks, in order. */
const outcomes = (stage: ConsensusStage) =>
  stage.told.flatMap(({ to, message }) =>
    to === 'pacemaker' && message.type === 'qcDecided' ? [message.outcome] : [],
  );

const hear = (
  stage: ConsensusStage,
  highQc: ReturnType<ConsensusStage['qc']>,
  tc = null as ReturnType<ConsensusStage['tc']> | null,
) => stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates: { highQc, tc } });

test('a proposal of this replica is told to the pacemaker once it is signed, and a refused one is not', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  const told = () => stage.told.flatMap(({ message }) => (message.type === 'blockProposed' ? [message] : []));
  stage.tell({ type: 'proposeNow', view: asView(2), body: 'empty' });
  t.deepEqual(told(), [], 'in a view that is not the present one');
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  const [{ message } = { message: null }] = stage.take('proposal');
  const { hash } = message?.proposal.block ?? { hash: '' as BlockHash };
  t.deepEqual(told(), [{ type: 'blockProposed', view: asView(1), height: asHeight(1), hash }]);
});

test('a block is certified by its own certificate, or by that of a block on it, and told once', (t) => {
  const direct = new ConsensusStage();
  const [block] = direct.proposeChain(1, 1) as [Block];
  ask(direct, block);
  t.deepEqual(outcomes(direct), []);
  hear(direct, direct.qc(block));
  t.deepEqual(outcomes(direct), ['certified']);
  direct.proposeChain(2, 4, block, direct.qc(block));
  t.deepEqual(outcomes(direct), ['certified']);

  const child = new ConsensusStage();
  const [first] = child.proposeChain(1, 1) as [Block];
  ask(child, first);
  child.proposeChain(2, 2, first, child.qc(first));
  t.deepEqual(outcomes(child), ['certified']);
});

test('a block that was certified, committed or executed by then is certified at once', (t) => {
  const stage = new ConsensusStage();
  const [first, second, third, fourth] = stage.proposeChain(1, 4) as [Block, Block, Block, Block];
  t.deepEqual(stage.committedViews, [1], 'QC(3) commits 1');
  for (const block of [first, second, third]) ask(stage, block);
  t.deepEqual(outcomes(stage), ['certified', 'certified', 'certified']);
  hear(stage, stage.qc(fourth));
  t.deepEqual(stage.committedViews, [1, 2]);
  ask(stage, first);
  t.deepEqual(outcomes(stage).slice(3), ['certified'], 'no longer in the tree, and not executed');
  stage.tell({ type: 'blocksExecuted', height: first.header.height });
  ask(stage, first);
  t.deepEqual(outcomes(stage).slice(4), ['unknown'], 'pruned');
});

test('a block that was never held is unknown', (t) => {
  const stage = new ConsensusStage();
  ask(stage, 'ab'.repeat(32) as BlockHash);
  t.deepEqual(outcomes(stage), ['unknown']);
});

test('a block is superseded when its view is left by a TC that names no certificate on its branch', (t) => {
  const stage = new ConsensusStage();
  const [first, second] = stage.proposeChain(1, 2) as [Block, Block];
  ask(stage, second);
  hear(stage, stage.qc(first));
  t.deepEqual(outcomes(stage), [], 'the certificate of its parent leaves its view open');
  hear(stage, stage.qc(first), stage.tc(0, stage.qc(first)));
  t.is(stage.view, 1000);
  t.deepEqual(outcomes(stage), ['superseded']);
  const late = new ConsensusStage();
  const [block] = late.proposeChain(1, 1) as [Block];
  ask(late, block);
  hear(late, late.qc(block), late.tc(0, late.qc(block)));
  t.deepEqual(outcomes(late), ['certified'], 'the TC brings its certificate');
});

test('while the block of the highest certificate is missing, nothing is superseded: it may stand on this one', (t) => {
  for (const stands of [true, false]) {
    const stage = new ConsensusStage({ tenureLength: 10 });
    const [block] = stage.proposeChain(1, 1) as [Block];
    ask(stage, block);
    const missing = stands ? stage.block(2, block, stage.qc(block)) : stage.block(2, GENESIS, GENESIS_QC);
    const certificate = stage.qc(missing);
    hear(stage, certificate);
    t.deepEqual(outcomes(stage), [], 'view 3 was entered');
    stage.tell({ type: 'ancestorsArrived', blocks: [missing], certificate });
    t.deepEqual(outcomes(stage), [stands ? 'certified' : 'superseded']);
  }
});

test('a block that a commit leaves behind is superseded', (t) => {
  const stage = new ConsensusStage();
  const [block] = stage.proposeChain(1, 1) as [Block];
  ask(stage, block);
  const second = stage.block(2, GENESIS, GENESIS_QC);
  const third = stage.block(3, second, stage.qc(second));
  const fourth = stage.block(4, third, stage.qc(third));
  stage.tell({ type: 'ancestorsArrived', blocks: [second, third, fourth], certificate: stage.qc(fourth) });
  t.deepEqual(stage.committedViews, [2]);
  t.deepEqual(outcomes(stage), ['superseded']);
});

test('giving up a tenure decides nothing: its proposal may still be certified', (t) => {
  const stage = new ConsensusStage();
  const [block] = stage.proposeChain(1, 1) as [Block];
  ask(stage, block);
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  t.deepEqual(outcomes(stage), []);
  hear(stage, stage.qc(block));
  t.deepEqual(outcomes(stage), ['certified']);
});
