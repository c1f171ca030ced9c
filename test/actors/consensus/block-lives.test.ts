import assert from 'node:assert/strict';
import ava from 'ava';
import { BlockLives } from '../../../actors/consensus/block-lives.js';
import { blockMachine } from '../../../machines/block.machine.js';
import { asHeight } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { at, chainOf, childOf, GENESIS as ROOT } from '../../support/chain.js';
import { assertEveryTransitionIsUsed, assertTableEqualsXstate, type ChartScenario } from '../../support/charts.js';
import { ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

/** Lives of `blocks`, each of which was taken in after the one before. */
function livesOf(blocks: readonly Block[]): BlockLives {
  const lives = new BlockLives(ROOT);
  for (const block of blocks) lives.proposed(block);
  return lives;
}

const phases = (lives: BlockLives, blocks: readonly Block[]) => blocks.map(({ hash }) => lives.phaseOf(hash));

ava('a block is prepared by its own certificate and pre-committed by that of a child, however they come', (t) => {
  const chain = chainOf(4);
  const lives = livesOf(chain);
  const before = ['undecided.preCommitted', 'undecided.preCommitted', 'undecided.prepared', 'undecided.proposed'];
  t.deepEqual(phases(lives, chain), before, 'each block carries the certificate of its parent');
  lives.certified(at(chain, 3).hash);
  lives.certified(at(chain, 3).hash);
  t.deepEqual(phases(lives, chain.slice(2)), ['undecided.preCommitted', 'undecided.prepared']);
});

ava('what is executed is forgotten once a later block is the last committed one, and not before', (t) => {
  const chain = chainOf(5);
  const lives = livesOf(chain);
  lives.decided(chain.slice(0, 1));
  lives.executed(asHeight(1));
  t.deepEqual(phases(lives, [ROOT, at(chain, 0)]), [undefined, 'executed']);
  lives.decided(chain.slice(1, 3));
  t.deepEqual(phases(lives, chain.slice(0, 3)), [undefined, 'committed', 'committed']);
  lives.executed(asHeight(3));
  t.deepEqual(phases(lives, chain.slice(1, 3)), [undefined, 'executed']);
  t.is(lives.size, 3);
});

ava('what is told as executed twice, or in one message with others, is executed once', (t) => {
  const chain = chainOf(4);
  const lives = livesOf(chain);
  lives.decided(chain.slice(0, 2));
  for (const height of [2, 2, 1]) lives.executed(asHeight(height));
  t.deepEqual(phases(lives, chain.slice(0, 2)), [undefined, 'executed']);
});

ava('a life that the chart does not allow is a bug and says so', (t) => {
  const chain = chainOf(3);
  const bug = { name: 'InvariantViolation' };
  t.throws(() => livesOf(chain).decided(chain.slice(0, 2)), { ...bug, message: /undecided.prepared is not decided/ });
  t.throws(() => livesOf(chain).executed(asHeight(1)), { ...bug, message: /before it is committed/ });
  const lives = livesOf(chain);
  lives.decided(chain.slice(0, 1));
  t.throws(() => lives.abandoned([at(chain, 0).hash]), { ...bug, message: /committed is not abandoned/ });
});

ava('a branch that is left behind is forgotten, and may come back', (t) => {
  const fork = childOf(ROOT, { view: 9 });
  const lives = livesOf([...chainOf(3), fork]);
  lives.abandoned([fork.hash]);
  t.is(lives.phaseOf(fork.hash), undefined);
  lives.proposed(fork);
  t.is(lives.phaseOf(fork.hash), 'undecided.proposed');
});

type Chart = Parameters<ChartScenario<typeof blockMachine>>[0];
const executed = (height: number) => ({ type: 'blocksExecuted', height: asHeight(height) }) as const;

const scenarios: readonly ChartScenario<typeof blockMachine>[] = [
  function committing(blockChart: Chart) {
    const stage = new ConsensusStage({ blockChart });
    const chain = stage.proposeChain(1, 4);
    stage.tell(executed(1));
    const last = at(chain, -1);
    stage.proposeChain(5, 7, last, stage.qc(last));
    assert.deepEqual(stage.committedViews, [1, 2, 3, 4]);
    stage.tell(executed(4)).tell({ type: 'stopRequested' });
  },
  function abandoning(blockChart: Chart) {
    const stage = new ConsensusStage({ blockChart, tenureLength: 4 });
    stage.proposeChain(1, 2);
    const fork = stage.block(4, GENESIS, GENESIS_QC);
    stage.propose(stage.proposal(fork, stage.tc(0)));
    stage.proposeChain(5, 7, fork, stage.qc(fork));
    assert.deepEqual(stage.committedViews, [4]);
    const left = stage.told.flatMap(({ message }) => (message.type === 'blocksAbandoned' ? message.hashes : []));
    assert.equal(left.length, 2);
  },
];

ava('the table of the block chart does what xstate does', (t) => {
  t.notThrows(() => assertTableEqualsXstate(blockMachine));
});

test('without any one transition of the block chart consensus stops with a bug', async (t) => {
  await t.notThrowsAsync(() => assertEveryTransitionIsUsed(blockMachine, scenarios));
});

test('under either rule what is decided was pre-committed before', (t) => {
  for (const rule of ['three-chain', 'two-chain'] as const) {
    const stage = new ConsensusStage({ rule });
    const chain = stage.proposeChain(1, 5);
    const highQc = stage.qc(at(chain, -1));
    t.notThrows(() =>
      stage.tell({ type: 'certificatesReceived', from: stage.leaderOf(1), certificates: { highQc, tc: null } }),
    );
    t.deepEqual(stage.committedViews, rule === 'two-chain' ? [1, 2, 3, 4] : [1, 2, 3]);
  }
});

test('blocks that a store held begin where their certificates put them', (t) => {
  const life = new ConsensusStage();
  const chain = life.proposeChain(1, 3);
  const [committed, ...uncommitted] = chain as [Block, ...Block[]];
  const record = life.requests.map(({ safety }) => safety).findLast((safety) => safety !== null) ?? null;
  const again = new ConsensusStage({ store: { record, committed, uncommitted, evidence: [] } });
  const last = at(chain, -1);
  t.notThrows(() => again.proposeChain(4, 6, last, again.qc(last)));
  t.deepEqual(again.committedViews, [2, 3]);
});
