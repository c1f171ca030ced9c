/** What consensus counts of its own doing. Refusals and evidence are counted in the tests of what causes them. */
import { asTenure } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const NOTHING = { proposal: 0, vote: 0, timeout: 0 };

test('before anything came, the first view is entered and nothing is signed or committed', (t) => {
  const { viewsEntered, signed, committed } = new ConsensusStage({ id: 1 }).consensus.counters();
  t.deepEqual(viewsEntered, { qc: 0, tc: 0, start: 1 });
  t.deepEqual(signed, NOTHING);
  t.deepEqual(committed, { filled: 0, empty: 0 });
});

test('each view is counted by the certificate that entered it, and each committed block by whether it was empty', (t) => {
  const stage = new ConsensusStage({ id: 1 });
  const empty = stage.block(1, GENESIS, GENESIS_QC);
  stage.propose(stage.proposal(empty));
  stage.proposeChain(2, 5, empty, stage.qc(empty));
  const { viewsEntered, signed, committed } = stage.consensus.counters();
  t.deepEqual(viewsEntered, { qc: 4, tc: 0, start: 1 }, 'views 2 to 5');
  t.deepEqual(signed, { ...NOTHING, vote: 5 });
  t.deepEqual(committed, { filled: 1, empty: 1 }, 'views 1 and 2');
  t.deepEqual(stage.committedViews, [1, 2]);
});

test('a view that a TC entered counts as such, and so does each Timeout that leaves', (t) => {
  const stage = new ConsensusStage({ id: 1 });
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  t.is(stage.consensus.counters().signed.timeout, 1);
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  t.is(stage.consensus.counters().signed.timeout, 2, 'one that is signed again, too');
  stage.tell({
    type: 'certificatesReceived',
    from: stage.leaderOf(2000),
    certificates: { highQc: GENESIS_QC, tc: stage.tc(0) },
  });
  t.deepEqual(stage.consensus.counters().viewsEntered, { qc: 0, tc: 1, start: 1 });
});

test('what is signed counts when it leaves, not before it is durable', (t) => {
  const stage = new ConsensusStage({ id: 1, syncAtOnce: false });
  const [block] = stage.proposeChain(1, 1) as [Block];
  t.deepEqual(stage.consensus.counters().signed, NOTHING);
  stage.sync();
  t.deepEqual(stage.consensus.counters().signed, { ...NOTHING, vote: 1 });
  t.is(stage.take('vote')[0]?.message.vote.block, block.hash);
});

test('counters are of their moment', (t) => {
  const stage = new ConsensusStage({ id: 1 });
  const before = stage.consensus.counters();
  stage.proposeChain(1, 5);
  t.deepEqual(before.viewsEntered, { qc: 0, tc: 0, start: 1 });
  t.deepEqual(before.signed, NOTHING);
});
