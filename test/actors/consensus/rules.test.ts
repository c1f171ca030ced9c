import { asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const at = <T>(list: readonly T[], index: number): T => {
  const item = list[index];
  if (item === undefined) throw new Error(`nothing at ${index}`);
  return item;
};

test('a view is voted in once, and a second proposal of it is evidence', (t) => {
  const stage = new ConsensusStage();
  stage.propose(stage.proposal(stage.block(1, GENESIS, GENESIS_QC, 'a')));
  t.deepEqual(stage.consensus.evidence(), []);
  stage.propose(stage.proposal(stage.block(1, GENESIS, GENESIS_QC, 'b')));
  t.is(stage.take('vote').length, 1);
  t.is(stage.consensus.evidence().length, 1);
});

test('a proposal that comes again gets the same vote again', (t) => {
  const stage = new ConsensusStage();
  const proposal = stage.proposal(stage.block(1, GENESIS, GENESIS_QC));
  stage.propose(proposal).propose(proposal);
  const [first, second] = stage.take('vote');
  t.deepEqual(first, second);
  t.truthy(first);
});

test('only the leader of the tenure is followed, and only from its own connection', (t) => {
  const stage = new ConsensusStage();
  const block = stage.block(1, GENESIS, GENESIS_QC);
  const usurped: Block = { ...block, header: { ...block.header, proposer: asReplicaId(2) } };
  stage.propose(stage.proposal(usurped));
  stage.propose(stage.proposal(block), asReplicaId(3));
  t.deepEqual(stage.take('vote'), []);
  stage.propose(stage.proposal(block));
  t.is(stage.take('vote').length, 1);
});

test('a bad signature excludes its sender for the view, and costs no more', (t) => {
  const stage = new ConsensusStage();
  const good = stage.proposal(stage.block(1, GENESIS, GENESIS_QC));
  stage.propose({ ...good, signature: new Uint8Array(64) });
  stage.propose(good);
  t.deepEqual(stage.take('vote'), [], 'even a good one of that sender waits for the next view');
});

test('a certificate below a quorum, with a signer twice, or of another block proves nothing', (t) => {
  const peers = new ConsensusStage();
  const [first] = peers.proposeChain(1, 1) as [Block];
  const other = peers.block(1, GENESIS, GENESIS_QC, 'other');
  const worthless = [
    peers.qc(first, [0, 1]),
    peers.qc(first, [0, 1, 1]),
    peers.qc(first, [0, 1, 7]),
    { ...peers.qc(other), block: first.hash },
    { ...peers.qc(first), view: asView(2) },
  ];
  for (const highQc of worthless) {
    const stage = new ConsensusStage();
    stage.proposeChain(1, 1);
    const certificates = { highQc, tc: null };
    stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates });
    t.is(stage.view, 1);
  }
  const stage = new ConsensusStage();
  stage.proposeChain(1, 1);
  stage.take('vote');
  stage.propose(stage.proposal(stage.block(2, first, peers.qc(first, [0, 1]))));
  t.deepEqual(stage.take('vote'), []);
});

test('three certified blocks in consecutive views commit the first, and no other three', (t) => {
  const stage = new ConsensusStage({ tenureLength: 4 });
  const chain = stage.proposeChain(1, 3);
  t.deepEqual(stage.committedViews, []);
  stage.tell({
    type: 'certificatesReceived',
    from: asReplicaId(2),
    certificates: { highQc: stage.qc(at(chain, 2)), tc: null },
  });
  t.deepEqual(stage.committedViews, [1]);

  const gap = new ConsensusStage({ tenureLength: 4 });
  const below = gap.proposeChain(1, 2);
  const tc = gap.tc(0, gap.qc(at(below, 1)));
  const after = gap.block(4, at(below, 1), gap.qc(at(below, 1)));
  gap.propose(gap.proposal(after, tc));
  const [fifth] = gap.proposeChain(5, 5, after, gap.qc(after)) as [Block];
  t.deepEqual(gap.committedViews, [], 'QC(4): views 1, 2, 4 are not consecutive');
  const [sixth] = gap.proposeChain(6, 6, fifth, gap.qc(fifth)) as [Block];
  t.deepEqual(gap.committedViews, [], 'QC(5): neither are 2, 4, 5');
  gap.proposeChain(7, 7, sixth, gap.qc(sixth));
  t.deepEqual(gap.committedViews, [1, 2, 4], 'QC(6): 4, 5, 6 are, and what is below commits with them');
});

test('a block that leaves the lock behind is refused, unless its justify is above the lock', (t) => {
  const stage = new ConsensusStage({ id: 2, tenureLength: 4 });
  const chain = stage.proposeChain(1, 3); // QC(2) came with 3: locked on 1
  t.is(stage.take('vote').length, 4, 'view 3 is the last of its tenure: its vote goes to two leaders');
  const tc = stage.tc(0);
  stage.propose(stage.proposal(stage.block(4, GENESIS, GENESIS_QC), tc));
  t.deepEqual(stage.take('vote'), [], 'a fork from genesis conflicts with the lock');
  t.is(stage.view, 4);
  const unlocking = new ConsensusStage({ id: 2, tenureLength: 4 });
  unlocking.proposeChain(1, 3);
  unlocking.take('vote');
  const high = unlocking.qc(at(chain, 1));
  unlocking.propose(unlocking.proposal(unlocking.block(4, at(chain, 1), high), unlocking.tc(0, high)));
  t.is(unlocking.take('vote').length, 1);
});

test('a view is entered by a certificate only: a proposal two views ahead is not voted for', (t) => {
  const stage = new ConsensusStage();
  const [first] = stage.proposeChain(1, 1) as [Block];
  stage.take('vote');
  stage.propose(stage.proposal(stage.block(3, first, stage.qc(first))));
  t.deepEqual(stage.take('vote'), []);
  t.is(stage.view, 2, 'its justify counts all the same');
});

test('no vote while an ancestor is missing; it is asked for, and the vote follows', (t) => {
  const stage = new ConsensusStage();
  const first = stage.block(1, GENESIS, GENESIS_QC, 'one');
  const second = stage.block(2, first, stage.qc(first), 'two');
  stage.propose(stage.proposal(second));
  t.deepEqual(stage.take('vote'), []);
  const asked = stage.told.find(({ message }) => message.type === 'ancestorsMissing');
  t.is(asked?.to, 'sync');
  stage.tell({ type: 'ancestorsArrived', blocks: [first], certificate: stage.qc(first) });
  t.deepEqual(
    stage.take('vote').map(({ message }) => message.vote.block),
    [second.hash],
  );
  t.true(stage.told.some(({ message }) => message.type === 'ancestorsSettled'));
});

test('votes go to the leader of the next view and to that of their own', (t) => {
  const stage = new ConsensusStage({ id: 3, tenureLength: 2 });
  stage.proposeChain(1, 1); // view 1 is led by 0, view 2 by 1
  t.deepEqual(
    stage.take('vote').map(({ to }) => to),
    [asReplicaId(1), asReplicaId(0)],
  );
});

test('whoever completes a certificate and is not the next leader sends it to all', (t) => {
  const stage = new ConsensusStage({ id: 0, tenureLength: 2 });
  const block = stage.block(1, GENESIS, GENESIS_QC);
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  for (const signer of [1, 2])
    stage.tell({ type: 'voteReceived', from: asReplicaId(signer), vote: stage.vote(signer, block) });
  const [sent] = stage.take('certificates');
  t.is(sent?.to, 'all');
  t.is(sent?.message.certificates.highQc.block, block.hash);
  t.is(stage.view, 2);
});

test('a vote that somebody else sends, or one for a leader elsewhere, is not counted', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  const block = stage.block(1, GENESIS, GENESIS_QC);
  for (const signer of [1, 2])
    stage.tell({ type: 'voteReceived', from: asReplicaId(3), vote: stage.vote(signer, block) });
  t.is(stage.view, 1);
});

test('after a Timeout nothing of the tenure is voted for or proposed', (t) => {
  const stage = new ConsensusStage();
  const [first] = stage.proposeChain(1, 1) as [Block];
  stage.take('vote');
  stage.tell({ type: 'timedOut', tenure: asTenure(0) });
  t.is(stage.take('timeout').length, 1);
  stage.proposeChain(2, 3, first, stage.qc(first));
  t.deepEqual(stage.take('vote'), []);
  t.is(stage.view, 3, 'certificates still count');
});

test('f+1 Timeouts make a replica join, one of the leader does too and is forwarded, one of another does not', (t) => {
  const joined = new ConsensusStage();
  joined.tell({ type: 'timeoutReceived', from: asReplicaId(2), timeout: joined.timeout(2, 0) });
  t.deepEqual(joined.take('timeout'), []);
  joined.tell({ type: 'timeoutReceived', from: asReplicaId(3), timeout: joined.timeout(3, 0) });
  t.true(joined.take('timeout').length >= 1);
  const resigned = new ConsensusStage();
  resigned.tell({ type: 'timeoutReceived', from: asReplicaId(0), timeout: resigned.timeout(0, 0) });
  t.deepEqual(
    resigned.take('timeout').map(({ message }) => Number(message.timeout.signer)),
    [0, 1],
  );
});

test('a Timeout of a later tenure counts for an earlier one; the TC enters the tenure after it', (t) => {
  const stage = new ConsensusStage({ tenureLength: 10 });
  stage.tell({ type: 'timeoutReceived', from: asReplicaId(2), timeout: stage.timeout(2, 5) });
  stage.tell({ type: 'timeoutReceived', from: asReplicaId(3), timeout: stage.timeout(3, 2) });
  t.is(stage.view, 30, 'this replica joined in tenure 2: three have given up 2 or later');
});

test('a message of a lower tenure is answered with the certificates that prove the present one, at a limited rate', (t) => {
  const stage = new ConsensusStage({ tenureLength: 10 });
  const tc = stage.tc(0);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates: { highQc: GENESIS_QC, tc } });
  t.is(stage.view, 10);
  stage.take('certificates');
  const late = stage.timeout(3, 0);
  for (let i = 0; i < 5; i += 1) stage.tell({ type: 'timeoutReceived', from: asReplicaId(3), timeout: late });
  const answers = stage.take('certificates');
  t.is(answers.length, 1);
  t.deepEqual(answers[0]?.message.certificates.tc, tc);
  stage.now = 100;
  stage.tell({ type: 'timeoutReceived', from: asReplicaId(3), timeout: late });
  t.is(stage.take('certificates').length, 1);
});

test('who enters by a TC sends it to the new leader, and to all when no proposal comes', (t) => {
  const stage = new ConsensusStage({ id: 3, tenureLength: 10 });
  const tc = stage.tc(0);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates: { highQc: GENESIS_QC, tc } });
  t.deepEqual(
    stage.take('certificates').map(({ to }) => to),
    [asReplicaId(1)],
  );
  stage.tell({ type: 'resendDue', view: asView(10) });
  t.deepEqual(
    stage.take('certificates').map(({ to }) => to),
    ['all'],
  );
});

test('a new leader proposes on the highest QC with the TC that enters its view', (t) => {
  const stage = new ConsensusStage({ id: 1, tenureLength: 10 });
  const [first] = stage.proposeChain(1, 1) as [Block];
  const high = stage.qc(first);
  const tc = stage.tc(0, high);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates: { highQc: high, tc } });
  stage.tell({ type: 'proposeNow', view: asView(10), body: 'empty' });
  const [sent] = stage.take('proposal');
  t.is(sent?.message.proposal.block.header.parent, first.hash);
  t.deepEqual(sent?.message.proposal.tc, tc);
});

test('a leader whose highest QC names a missing block waits for it, a quarter of the timer at most', (t) => {
  const missing = new ConsensusStage().block(1, GENESIS, GENESIS_QC, 'missing');
  const led = () => {
    const stage = new ConsensusStage({ id: 1, tenureLength: 10 });
    const high = stage.qc(missing);
    stage.tell({
      type: 'certificatesReceived',
      from: asReplicaId(2),
      certificates: { highQc: high, tc: stage.tc(0, high) },
    });
    stage.tell({ type: 'proposeNow', view: asView(10), body: 'empty' });
    return stage;
  };
  const patient = led();
  t.deepEqual(patient.take('proposal'), []);
  patient.tell({ type: 'ancestorsArrived', blocks: [missing], certificate: patient.qc(missing) });
  t.is(patient.take('proposal')[0]?.message.proposal.block.header.parent, missing.hash);
  const impatient = led();
  impatient.tell({ type: 'resendDue', view: asView(10) });
  t.is(impatient.take('proposal')[0]?.message.proposal.block.header.parent, GENESIS.hash);
});

test('nothing that a peer sends about the far future is kept', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  const far = 2 ** 40;
  const block = stage.block(1, GENESIS, GENESIS_QC);
  const vote = { ...stage.vote(1, block), view: asView(far) };
  stage.tell({ type: 'voteReceived', from: asReplicaId(1), vote });
  stage.tell({ type: 'timeoutReceived', from: asReplicaId(1), timeout: stage.timeout(1, far) });
  t.is(stage.view, 1);
});

test('a proposal with a forged TC is not voted for', (t) => {
  const stage = new ConsensusStage({ id: 2, tenureLength: 10 });
  const block = stage.block(10, GENESIS, GENESIS_QC);
  const tc = stage.tc(0);
  const forged = { ...tc, timeouts: tc.timeouts.map((timeout) => ({ ...timeout, signature: new Uint8Array(64) })) };
  stage.propose(stage.proposal(block, forged));
  t.deepEqual(stage.take('vote'), []);
  t.is(stage.view, 1);
  const sound = new ConsensusStage({ id: 2, tenureLength: 10 });
  sound.propose(sound.proposal(block, tc));
  t.is(sound.take('vote').length, 1);
});

test('a second block of a view is not taken in', (t) => {
  const stage = new ConsensusStage();
  stage.propose(stage.proposal(stage.block(1, GENESIS, GENESIS_QC, 'a')));
  stage.propose(stage.proposal(stage.block(1, GENESIS, GENESIS_QC, 'b')));
  t.deepEqual(stage.addedViews, [1]);
});

test('the high QC of a TC is learnt, though a lower one came beside it', (t) => {
  const stage = new ConsensusStage({ id: 1, tenureLength: 10 });
  const [first] = stage.proposeChain(1, 1) as [Block];
  const tc = stage.tc(0, stage.qc(first));
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates: { highQc: GENESIS_QC, tc } });
  stage.tell({ type: 'proposeNow', view: asView(10), body: 'empty' });
  t.is(stage.take('proposal')[0]?.message.proposal.block.header.parent, first.hash);
});

test('the high QC of a Timeout is learnt', (t) => {
  const stage = new ConsensusStage();
  const [first] = stage.proposeChain(1, 1) as [Block];
  const timeout = stage.timeout(2, 0, stage.qc(first));
  stage.tell({ type: 'timeoutReceived', from: asReplicaId(2), timeout });
  t.is(stage.view, 2);
});

test('votes and proposals of a lower tenure are answered too', (t) => {
  for (const message of ['vote', 'proposal'] as const) {
    const stage = new ConsensusStage({ id: 2, tenureLength: 10 });
    const tc = stage.tc(0);
    stage.tell({ type: 'certificatesReceived', from: asReplicaId(3), certificates: { highQc: GENESIS_QC, tc } });
    stage.take('certificates');
    const block = stage.block(1, GENESIS, GENESIS_QC);
    if (message === 'proposal') stage.propose(stage.proposal(block));
    else stage.tell({ type: 'voteReceived', from: asReplicaId(0), vote: stage.vote(0, block) });
    const [answer] = stage.take('certificates');
    t.is(answer?.to, asReplicaId(0), message);
    t.deepEqual(answer?.message.certificates.tc, tc);
  }
});

test('a proposal and a vote that led to nothing are sent again, the same ones', (t) => {
  const leader = new ConsensusStage({ id: 0 });
  leader.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  const [proposed] = leader.take('proposal');
  leader.tell({ type: 'resendDue', view: asView(1) });
  t.deepEqual(leader.take('proposal'), proposed === undefined ? [] : [proposed]);
  const follower = new ConsensusStage();
  follower.proposeChain(1, 1);
  const [voted] = follower.take('vote');
  follower.tell({ type: 'resendDue', view: asView(1) });
  t.deepEqual(follower.take('vote'), voted === undefined ? [] : [voted]);
  t.truthy(proposed && voted);
});

test('a machine that is ready before the recovered store comes is waited for no more', (t) => {
  const [usual, other] = [false, true].map((machineReadyFirst) => new ConsensusStage({ machineReadyFirst }));
  t.is(other?.view, 1);
  t.deepEqual(other?.told, usual?.told);
  other?.proposeChain(1, 3);
  t.is(other?.take('vote').length, usual?.proposeChain(1, 3) && usual.take('vote').length);
});
