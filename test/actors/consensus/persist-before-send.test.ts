import test from 'ava';
import { asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { ConsensusStage, EMPTY_STORE, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';

test('no vote leaves before the record that forbids its opposite is durable', (t) => {
  const stage = new ConsensusStage({ syncAtOnce: false });
  stage.propose(stage.proposal(stage.block(1, GENESIS, GENESIS_QC)));
  t.deepEqual(stage.take('vote'), []);
  stage.sync();
  t.is(stage.take('vote').length, 1);
  t.true(stage.requests.some(({ safety }) => (safety?.bound ?? 0) >= 1));
});

test('a leader’s proposal waits for the bound, and so does the vote in its own collector', (t) => {
  const stage = new ConsensusStage({ id: 0, syncAtOnce: false });
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  t.deepEqual(stage.take('proposal'), []);
  const block = stage.block(1, GENESIS, GENESIS_QC);
  for (const signer of [1, 2])
    stage.tell({ type: 'voteReceived', from: asReplicaId(signer), vote: stage.vote(signer, block) });
  t.is(stage.view, 1, 'two votes and an own one that is not durable make no certificate');
  stage.sync();
  t.is(stage.take('proposal').length, 1);
  t.is(stage.view, 2);
});

test('a Timeout waits until the bound covers the last view of its tenure', (t) => {
  const stage = new ConsensusStage({ syncAtOnce: false, tenureLength: 10 });
  stage.sync();
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  t.deepEqual(stage.take('timeout'), []);
  stage.sync();
  t.is(stage.take('timeout').length, 1);
  t.true((stage.requests.at(-1)?.safety?.bound ?? 0) >= 9);
});

test('one record covers many views: in sequence the disk is asked for the bound once in a while', (t) => {
  const stage = new ConsensusStage();
  stage.proposeChain(1, 100);
  const bounds = new Set(stage.requests.map(({ safety }) => safety?.bound).filter((bound) => bound !== undefined));
  t.true(bounds.size <= 5, `${bounds.size} bounds for 100 views`);
});

test('a three-chain vote waits until the durable high QC has reached the lock’s view', (t) => {
  const stage = new ConsensusStage({ syncAtOnce: false });
  const [first] = stage.proposeChain(1, 1);
  stage.sync();
  stage.take('vote');
  // view 2 brings QC(1), view 3 brings QC(2), which locks 1: its vote needs QC(1) on the disk
  const second = stage.block(2, first as never, stage.qc(first as never));
  stage.propose(stage.proposal(second));
  t.is(stage.take('vote').length, 1, 'the lock is genesis still');
  const written = stage.requests.length;
  const third = stage.block(3, second, stage.qc(second));
  stage.propose(stage.proposal(third));
  t.deepEqual(stage.take('vote'), [], 'QC(1) was handed over one proposal ago and is not durable');
  stage.tell({ type: 'writesDurable', number: stage.requests[written - 1]?.number ?? 0 });
  t.is(stage.take('vote').length, 1, 'what came with view 3 itself need not be');
});

test('a two-chain vote waits for its own block and for the justify', (t) => {
  const stage = new ConsensusStage({ syncAtOnce: false, rule: 'two-chain' });
  const [first] = stage.proposeChain(1, 1);
  stage.sync();
  stage.take('vote');
  stage.propose(stage.proposal(stage.block(2, first as never, stage.qc(first as never))));
  t.deepEqual(stage.take('vote'), []);
  const carried = stage.requests.at(-1);
  t.is(carried?.safety?.highQc.view, asView(1));
  t.is(carried?.blocks.length, 1);
  stage.sync();
  t.is(stage.take('vote').length, 1);
});

test('a two-chain block that its vote waits for is not left to rest, though no record changes with it', (t) => {
  const urgentWith = (rule: 'two-chain' | 'three-chain') => {
    const stage = new ConsensusStage({ rule });
    const [first] = stage.proposeChain(1, 1) as [Block];
    const highQc = stage.qc(first);
    stage.tell({ type: 'certificatesReceived', from: asReplicaId(0), certificates: { highQc, tc: null } });
    stage.propose(stage.proposal(stage.block(2, first, highQc)));
    const last = stage.requests.at(-1);
    return { urgent: last?.urgent, safety: last?.safety, blocks: last?.blocks.length };
  };
  t.deepEqual(urgentWith('two-chain'), { urgent: true, safety: null, blocks: 1 });
  t.deepEqual(urgentWith('three-chain'), { urgent: false, safety: null, blocks: 1 });
});

test('a disk that never answers lets nothing out', (t) => {
  const stage = new ConsensusStage({ syncAtOnce: false });
  stage.proposeChain(1, 20);
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  t.deepEqual(
    stage.sent.filter(({ message }) => message.type !== 'certificates'),
    [],
  );
});

test('after a restart nothing is signed up to the bound, and a leader there resigns at once', (t) => {
  const record = { number: 9, bound: asView(50), highQc: GENESIS_QC, entry: null };
  const stage = new ConsensusStage({ store: { ...EMPTY_STORE, record } });
  stage.proposeChain(1, 50);
  t.deepEqual(stage.take('vote'), []);
  t.deepEqual(stage.take('timeout'), []);
  const leader = new ConsensusStage({ id: 0, store: { ...EMPTY_STORE, record } });
  t.is(leader.take('timeout').length, 1);
  leader.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  t.deepEqual(leader.take('proposal'), []);
});

test('after a restart the view above the bound is voted for', (t) => {
  const record = { number: 9, bound: asView(5), highQc: GENESIS_QC, entry: null };
  const stage = new ConsensusStage({ store: { ...EMPTY_STORE, record } });
  stage.proposeChain(1, 6);
  t.deepEqual(
    stage.take('vote').map(({ message }) => Number(message.vote.view)),
    [6],
  );
});

test('a clean stop gives back what was reserved and not signed', (t) => {
  const stage = new ConsensusStage();
  stage.proposeChain(1, 3);
  t.true((stage.requests.at(-1)?.safety?.bound ?? 0) > 3);
  stage.tell({ type: 'stopRequested' });
  t.is(stage.requests.at(-1)?.safety?.bound, asView(3));
  t.true(stage.told.some(({ message }) => message.type === 'partStopped'));
  stage.proposeChain(4, 5);
  t.is(stage.take('vote').length, 3, 'and signs nothing more');
});

test('a leader that stops resigns before it says that it has stopped', (t) => {
  const stage = new ConsensusStage({ id: 0, syncAtOnce: false });
  stage.sync();
  stage.tell({ type: 'stopRequested' });
  t.false(stage.told.some(({ message }) => message.type === 'partStopped'));
  stage.sync();
  t.is(stage.take('timeout').length, 1);
  t.true(stage.told.some(({ message }) => message.type === 'partStopped'));
});
