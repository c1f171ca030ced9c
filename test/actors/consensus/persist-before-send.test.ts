import { asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { ConsensusStage, EMPTY_STORE, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

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

test('what rests on its way to the disk is hurried for a message that waits for it', (t) => {
  const stage = new ConsensusStage({ syncAtOnce: false, tenureLength: 2 });
  // The bound was asked for at the start, when nothing waited for it.
  t.deepEqual(
    stage.requests.map(({ urgent, safety }) => [urgent, (safety?.bound ?? 0) >= 1]),
    [[false, true]],
  );
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  t.deepEqual(stage.take('timeout'), []);
  t.true(stage.requests.at(-1)?.urgent, 'the record is on its way, and nothing may let it rest');
  const asked = stage.requests.length;
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  t.is(stage.requests.length, asked, 'it is hurried once');
  stage.sync();
  t.is(stage.take('timeout').length, 2, 'one for each time that it was asked for');
});

test('one record covers many views: in sequence the disk is asked for the bound once in a while', (t) => {
  const stage = new ConsensusStage();
  stage.proposeChain(1, 100);
  const bounds = new Set(stage.requests.map(({ safety }) => safety?.bound).filter((bound) => bound !== undefined));
  t.true(bounds.size <= 5, `${bounds.size} bounds for 100 views`);
});

test('a three-chain vote waits until the durable high QC has reached the lock’s view', (t) => {
  const stage = new ConsensusStage({ syncAtOnce: false });
  const fourth = stage.proposeChain(1, 4).at(-1) as Block;
  stage.sync();
  stage.take('vote');
  // view 5 brings QC(4), view 6 brings QC(5), which locks 4: its vote needs QC(4) on the disk; the bound is there
  const fifth = stage.block(5, fourth, stage.qc(fourth));
  stage.propose(stage.proposal(fifth));
  t.is(stage.take('vote').length, 1, 'the lock is 3, and QC(3) is durable');
  const written = stage.requests.length;
  stage.propose(stage.proposal(stage.block(6, fifth, stage.qc(fifth))));
  t.deepEqual(stage.take('vote'), [], 'QC(4) was handed over one proposal ago and is not durable');
  stage.tell({ type: 'writesDurable', number: stage.requests[written - 1]?.number ?? 0 });
  t.is(stage.take('vote').length, 1, 'what came with view 6 itself need not be');
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

for (const rule of ['two-chain', 'three-chain'] as const) {
  test(`${rule}: a certificate that came alone rests until a block comes, which does not`, (t) => {
    const stage = new ConsensusStage({ rule });
    const [first] = stage.proposeChain(1, 1) as [Block];
    const highQc = stage.qc(first);
    stage.tell({ type: 'certificatesReceived', from: asReplicaId(0), certificates: { highQc, tc: null } });
    const alone = stage.requests.at(-1);
    t.deepEqual([alone?.urgent, alone?.safety?.highQc.view, alone?.blocks], [false, highQc.view, []]);
    stage.propose(stage.proposal(stage.block(2, first, highQc)));
    const next = stage.requests.at(-1);
    t.deepEqual([next?.urgent, next?.safety, next?.blocks.length], [true, null, 1]);
  });
}

test('a record that a Timeout waits for does not rest', (t) => {
  const stage = new ConsensusStage({ syncAtOnce: false });
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  t.is(stage.take('timeout').length, 0);
  t.true(stage.requests.at(-1)?.urgent);
});

test('a clean stop leaves nothing to rest', (t) => {
  const stage = new ConsensusStage();
  const [first] = stage.proposeChain(1, 1) as [Block];
  const certificates = { highQc: stage.qc(first), tc: null };
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(0), certificates });
  t.false(stage.requests.at(-1)?.urgent);
  stage.tell({ type: 'stopRequested' });
  t.true(stage.requests.at(-1)?.urgent);
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

test('a view that an own vote enters while stopping reserves nothing: the bound stays the exact one', (t) => {
  const stage = new ConsensusStage({ id: 1, tenureLength: 1, syncAtOnce: false });
  const fourth = stage.proposeChain(1, 4).at(-1) as Block;
  for (const from of [asReplicaId(0), asReplicaId(2)]) {
    stage.tell({ type: 'voteReceived', from, vote: stage.vote(from, fourth) });
  }
  stage.tell({ type: 'stopRequested' });
  while (!stage.told.some(({ message }) => message.type === 'partStopped')) stage.sync();
  t.is(stage.view, 5, 'the vote left, and made the certificate');
  t.is(stage.requests.findLast(({ safety }) => safety !== null)?.safety?.bound, asView(4));
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

test('a two-chain vote waits for its own block where everything else is durable', (t) => {
  const stage = new ConsensusStage({ syncAtOnce: false, rule: 'two-chain' });
  const [first] = stage.proposeChain(1, 1);
  const highQc = stage.qc(first as never);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates: { highQc, tc: null } });
  stage.sync();
  stage.take('vote');
  stage.propose(stage.proposal(stage.block(2, first as never, highQc)));
  t.deepEqual(stage.take('vote'), []);
  t.true(stage.requests.at(-1)?.urgent, 'somebody waits for the block');
  stage.sync();
  t.is(stage.take('vote').length, 1);
});

test('what is reserved does not go down but at a clean stop', (t) => {
  const stage = new ConsensusStage({ tenureLength: 10 });
  stage.proposeChain(1, 8);
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  const bounds = stage.requests.flatMap(({ safety }) => (safety === null ? [] : [Number(safety.bound)]));
  t.deepEqual(
    bounds,
    bounds.toSorted((a, b) => a - b),
  );
});

test('a clean stop does not give back a tenure for which a Timeout was signed', (t) => {
  const stage = new ConsensusStage({ tenureLength: 10 });
  stage.proposeChain(1, 3);
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  stage.tell({ type: 'stopRequested' });
  t.is(stage.requests.at(-1)?.safety?.bound, asView(9));
});

test('a high QC is recorded only with its block', (t) => {
  const stage = new ConsensusStage();
  const missing = stage.block(1, GENESIS, GENESIS_QC);
  const highQc = stage.qc(missing);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates: { highQc, tc: null } });
  t.is(stage.view, 2);
  t.true(stage.requests.every(({ safety }) => safety === null || safety.highQc.view === 0));
  stage.tell({ type: 'ancestorsArrived', blocks: [missing], certificate: highQc });
  t.deepEqual(stage.requests.at(-1)?.safety?.highQc, highQc);
  t.deepEqual(stage.requests.at(-1)?.blocks, [missing], 'in one write');
});

test('the entry into a tenure is recorded; after a restart it gives the view and answers who is behind', (t) => {
  const stage = new ConsensusStage({ tenureLength: 10 });
  const tc = stage.tc(0);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates: { highQc: GENESIS_QC, tc } });
  const record = stage.requests.at(-1)?.safety ?? null;
  t.deepEqual(record?.entry, { kind: 'tc', tc });
  const again = new ConsensusStage({ tenureLength: 10, store: { ...EMPTY_STORE, record } });
  t.is(again.view, 10);
  again.tell({ type: 'timeoutReceived', from: asReplicaId(3), timeout: again.timeout(3, 0) });
  t.deepEqual(again.take('certificates').at(-1)?.message.certificates.tc, tc);
});

test('after a restart the proposal generator is told of every block that is held, certified or not, parents first', (t) => {
  const source = new ConsensusStage({ tenureLength: 10 });
  const uncommitted = source.proposeChain(1, 3);
  const fork = source.block(5, uncommitted[0] as never, source.qc(uncommitted[0] as never));
  const record = { number: 1, bound: asView(5), highQc: source.qc(uncommitted[1] as never), entry: null };
  const store = { committed: GENESIS, uncommitted: [...uncommitted, fork], evidence: [], record };
  t.deepEqual(new ConsensusStage({ tenureLength: 10, store }).addedViews, [1, 2, 3, 5]);
});

test('the view after a restart is the later one of high QC and entry', (t) => {
  const source = new ConsensusStage({ tenureLength: 10 });
  const uncommitted = source.proposeChain(1, 3);
  const highQc = source.qc(uncommitted.at(-1) as never);
  const store = { committed: GENESIS, uncommitted, evidence: [] };
  const record = { number: 1, bound: asView(3), highQc, entry: null };
  t.is(new ConsensusStage({ tenureLength: 10, store: { ...store, record } }).view, 4);
  const entry = { kind: 'tc' as const, tc: source.tc(0, highQc) };
  t.is(new ConsensusStage({ tenureLength: 10, store: { ...store, record: { ...record, entry } } }).view, 10);
});
