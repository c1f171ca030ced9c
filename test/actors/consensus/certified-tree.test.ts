/** A time without commits: what is certified meanwhile may be any number of blocks, and progress goes on above them. */
import { asReplicaId, asView } from '../../../src/protocol/numbers.js';
import type { Block, QuorumCertificate, SafetyRecord } from '../../../src/protocol/types.js';
import { ConsensusStage, EMPTY_STORE, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

/** More than the stage's tree may have tips. */
const BLOCKS = 100;
/** A quarter of the bytes of the stage's tree, and the largest body there. */
const BRANCH_BYTES = 1024;

interface Chain {
  readonly blocks: readonly Block[];
  readonly tip: Block;
  readonly qc: QuorumCertificate;
}

/** A block in every second view from 2 on, each certified, and none committed since no two views follow each other. */
function certify(stage: ConsensusStage, bodyBytes: (index: number) => number = () => 0): Chain {
  const blocks: Block[] = [];
  let [tip, qc] = [GENESIS, GENESIS_QC];
  for (let index = 0; index < BLOCKS; index += 1) {
    const view = 2 + 2 * index;
    const block = stage.block(view, tip, qc, 'x'.repeat(bodyBytes(index)));
    stage.propose(stage.proposal(block, stage.tc(view - 1, qc)));
    blocks.push(block);
    [tip, qc] = [block, stage.qc(block)];
  }
  return { blocks, tip, qc };
}

/** Three blocks in consecutive views above a chain, the first entered by a TC; the last one's certificate commits all. */
function commitAbove(stage: ConsensusStage, { tip, qc }: Chain): void {
  let [below, justify] = [tip, qc];
  const first = tip.header.view + 2;
  for (let view = first; view < first + 3; view += 1) {
    const block = stage.block(view, below, justify);
    stage.propose(stage.proposal(block, view === first ? stage.tc(view - 1, justify) : null));
    [below, justify] = [block, stage.qc(block)];
  }
  stage.tell({
    type: 'certificatesReceived',
    from: asReplicaId(2),
    certificates: { highQc: justify, tc: null },
  });
}

/** What a replica has on its disk of itself. */
function recordOf({ requests }: ConsensusStage): SafetyRecord | null {
  return requests.findLast(({ safety }) => safety !== null)?.safety ?? null;
}

const follower = () => new ConsensusStage({ id: 1, tenureLength: 1 });

test('however many blocks are certified and not committed, the next one is held and voted for, and then all are committed', (t) => {
  const stage = follower();
  const chain = certify(stage);
  const { held, refusals } = stage.consensus.counters();
  t.is(held.treeBlocks, BLOCKS);
  t.is(held.treeTips, 1);
  t.deepEqual(refusals, {});
  t.is(stage.take('vote').at(-1)?.message.vote.block, chain.tip.hash);
  commitAbove(stage, chain);
  t.is(stage.committedViews.length, BLOCKS + 1);
  t.is(stage.consensus.counters().held.treeBlocksMost, BLOCKS + 3);
});

test('they are fetched, too', (t) => {
  const stage = follower();
  const chain = certify(new ConsensusStage({ id: 2, tenureLength: 1 }));
  stage.tell({ type: 'ancestorsArrived', blocks: chain.blocks, certificate: chain.qc });
  t.is(stage.consensus.counters().held.treeBlocks, BLOCKS);
  commitAbove(stage, chain);
  t.is(stage.committedViews.length, BLOCKS + 1);
});

test('a fetched block is taken in although its branch has no room for its body: a quorum stands behind it', (t) => {
  const stage = follower();
  const large = stage.block(2, GENESIS, GENESIS_QC, 'x'.repeat(BRANCH_BYTES));
  const next = stage.block(4, large, stage.qc(large), 'x'.repeat(BRANCH_BYTES));
  stage.propose(stage.proposal(large, stage.tc(1)));
  stage.propose(stage.proposal(next, stage.tc(3, stage.qc(large))));
  t.is(stage.consensus.counters().refusals.treeFull, 1);
  t.is(stage.consensus.counters().held.treeBlocks, 1);
  stage.tell({ type: 'ancestorsArrived', blocks: [next], certificate: stage.qc(next) });
  t.is(stage.consensus.counters().held.treeBlocks, 2);
  const again = new ConsensusStage({
    id: 1,
    tenureLength: 1,
    store: { ...EMPTY_STORE, record: recordOf(stage), uncommitted: [large, next] },
  });
  t.is(again.consensus.counters().held.treeBodyBytes, 2 * BRANCH_BYTES, 'and a restart holds it again');
});

test('a restart holds all of them again, and goes on', (t) => {
  const before = follower();
  const chain = certify(before);
  const stage = new ConsensusStage({
    id: 2,
    tenureLength: 1,
    store: { ...EMPTY_STORE, record: recordOf(before), uncommitted: chain.blocks },
  });
  t.is(stage.consensus.counters().held.treeBlocks, BLOCKS);
  commitAbove(stage, chain);
  t.is(stage.committedViews.length, BLOCKS + 1);
});

/** A leader that has proposed on a branch whose bodies have `held` bytes, and was given a body of 100 for it. */
function led(held: number): ConsensusStage {
  const stage = new ConsensusStage({ id: 2, tenureLength: 1 });
  const parent = stage.block(1, GENESIS, GENESIS_QC, 'x'.repeat(held));
  stage.propose(stage.proposal(parent));
  stage.tell({
    type: 'certificatesReceived',
    from: asReplicaId(3),
    certificates: { highQc: stage.qc(parent), tc: null },
  });
  stage.tell({ type: 'proposeNow', view: asView(2), body: 'next' });
  const view = asView(2);
  const body = new Uint8Array(100).fill(7);
  return stage.tell({ type: 'bodyReady', view, parent: parent.hash, body });
}

test('a leader proposes a body for which its branch has room, and an empty one where it has none', (t) => {
  const bodyOf = (stage: ConsensusStage) => stage.take('proposal')[0]?.message.proposal.block.body.length;
  t.is(bodyOf(led(BRANCH_BYTES - 100)), 100);
  t.is(bodyOf(led(BRANCH_BYTES - 99)), 0);
});

test('a follower refuses a body for which its branch has no room, and takes the empty one', (t) => {
  const stage = follower();
  const parent = stage.block(2, GENESIS, GENESIS_QC, 'x'.repeat(BRANCH_BYTES));
  stage.propose(stage.proposal(parent, stage.tc(1)));
  const tc = stage.tc(3, stage.qc(parent));
  stage.propose(stage.proposal(stage.block(4, parent, stage.qc(parent), 'x'), tc));
  t.deepEqual(stage.consensus.counters().refusals, { treeFull: 1 });
  stage.propose(stage.proposal(stage.block(4, parent, stage.qc(parent)), tc));
  t.is(stage.consensus.counters().held.treeBlocks, 2);
});

test('where one tip is one too many all go but those of branches that must be kept, and the new one beside them', (t) => {
  const stage = new ConsensusStage({ id: 1, tenureLength: 1, limits: { treeTips: 1 } });
  for (const view of [2, 3, 4, 6, 7]) {
    const block = stage.block(view, GENESIS, GENESIS_QC);
    stage.propose(stage.proposal(block, stage.tc(view - 1)));
    t.is(stage.take('vote').at(-1)?.message.vote.block, block.hash);
    t.is(stage.consensus.counters().held.treeTips, view === 2 ? 1 : 2, 'beside that of the last vote');
  }
});

test('a tree without a tip is refused, and one without room for a body on each branch that it must keep', (t) => {
  t.throws(() => new ConsensusStage({ limits: { treeTips: 0 } }), {
    name: 'ConfigurationError',
    message: /^limits\.treeTips is 0; it must be a whole number from 1 /,
  });
  t.notThrows(() => new ConsensusStage({ limits: { treeTips: 1 } }));
  t.throws(() => new ConsensusStage({ limits: { treeBodyBytes: 4095 } }), {
    name: 'ConfigurationError',
    message:
      /^limits\.treeBodyBytes is 4095; it must be a whole number from 4096 .*, 4 times limits\.bodyBytes at least$/,
  });
});
