/** What a view costs four replicas in good times: signatures looked at, messages, and writes. Counts, no times. */
import { asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { ConsensusCluster, type ConsensusClusterOptions } from '../../support/consensus-cluster.js';
import { ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

interface Costs {
  readonly views: number;
  readonly messages: number;
  readonly leader: { readonly verifications: number; readonly writes: number };
  /** Of the follower that paid most. */
  readonly follower: { readonly verifications: number; readonly writes: number };
}

/** Per view, from a quiet beginning on. */
function costs(
  options: Partial<ConsensusClusterOptions>,
  milliseconds: number,
  prepare?: (c: ConsensusCluster) => void,
) {
  const cluster = new ConsensusCluster({ replicas: 4, tenureLength: 1000, rule: 'three-chain', ...options });
  cluster.start().run(500);
  prepare?.(cluster);
  const totals = () => [...cluster.sent.values()].reduce((sum, count) => sum + count, 0);
  const before = {
    view: Number(cluster.views[0]),
    messages: totals(),
    verifications: [...cluster.verifications],
    writes: [...cluster.writes],
  };
  cluster.run(milliseconds);
  const views = Number(cluster.views[0]) - before.view;
  const of = (id: number) => ({
    verifications: ((cluster.verifications[id] ?? 0) - (before.verifications[id] ?? 0)) / views,
    writes: ((cluster.writes[id] ?? 0) - (before.writes[id] ?? 0)) / views,
  });
  const leader = Number(cluster.leaders[0]);
  const followers = [0, 1, 2, 3].filter((id) => id !== leader).map(of);
  const most = (what: 'verifications' | 'writes') => Math.max(...followers.map((each) => each[what]));
  return {
    views,
    messages: (totals() - before.messages) / views,
    leader: of(leader),
    follower: { verifications: most('verifications'), writes: most('writes') },
  } satisfies Costs;
}

const SLACK = 0.1;

for (const rule of ['three-chain', 'two-chain'] as const) {
  test(`busy, a view costs six messages; the leader looks at two votes, a follower at three and a half signatures, ${rule}`, (t) => {
    const { messages, leader, follower } = costs({ rule }, 1000);
    t.true(messages <= 6 + SLACK, `${messages} messages`);
    t.true(leader.verifications <= 2 + SLACK, `leader: ${leader.verifications}`);
    t.true(
      follower.verifications <= 3.5,
      `follower: ${follower.verifications}: one proposal, and a QC without its own`,
    );
    t.true(leader.writes <= 2 + SLACK && follower.writes <= 1 + SLACK, `${leader.writes}, ${follower.writes} writes`);
  });
}

test('idle, a view costs the same whether a QC or a TC entered the tenure', (t) => {
  const byQc = costs({ busy: false }, 10_000);
  const byTc = costs({ busy: false }, 10_000, (cluster) => {
    cluster.tell(0, { type: 'timedOut', tenure: asTenure(0) });
    cluster.run(500);
  });
  for (const { views, messages, leader, follower } of [byQc, byTc]) {
    t.true(views >= 28 && views <= 31, `${views} views in ten seconds`);
    t.true(messages <= 6 + SLACK, `${messages} messages: three proposals and three votes`);
    t.true(leader.verifications <= 3 + SLACK, `leader: ${leader.verifications}`);
    t.true(follower.verifications <= 4 + SLACK, `${follower.verifications} signatures`);
    t.true(leader.writes <= 2 + SLACK && follower.writes <= 1 + SLACK, `${leader.writes}, ${follower.writes} writes`);
  }
});

test('the certificate that ends the work goes to all at once, and those of the empty blocks after it with the next one', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  const certify = (view: number) => {
    const block = stage.take('proposal').at(-1)?.message.proposal.block as Block;
    t.is(block.header.view, asView(view));
    for (const signer of [1, 2]) {
      stage.tell({ type: 'voteReceived', from: asReplicaId(signer), vote: stage.vote(signer, block) });
    }
    t.is(stage.view, view + 1);
    return stage.take('certificates').map(({ message }) => message.certificates.highQc.view);
  };
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'next' });
  stage.tell({ type: 'bodyReady', view: asView(1), parent: GENESIS.hash, body: Uint8Array.of(1) });
  t.deepEqual(certify(1), []);
  for (const view of [2, 3]) {
    stage.tell({ type: 'proposeNow', view: asView(view), body: 'empty' });
    t.deepEqual(certify(view), view === 3 ? [asView(3)] : []);
  }
  stage.tell({ type: 'proposeNow', view: asView(4), body: 'empty' });
  t.deepEqual(certify(4), []);
});

test('a follower looks at one signature of a proposal whose votes it has seen: that of the leader', (t) => {
  const stage = new ConsensusStage({ id: 0, tenureLength: 2 });
  const first = stage.block(1, GENESIS, GENESIS_QC);
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  for (const signer of [2, 3]) {
    stage.tell({ type: 'voteReceived', from: asReplicaId(signer), vote: stage.vote(signer, first) });
  }
  t.is(stage.verifications, 2);
  stage.propose(stage.proposal(stage.block(2, first, stage.qc(first, [0, 2, 3]))));
  t.is(stage.verifications, 3, 'the own vote and two others stand in the QC');
  t.is(stage.take('vote').at(-1)?.message.vote.view, asView(2));
});

test('of a QC with one signature more only that one is looked at', (t) => {
  const stage = new ConsensusStage({ id: 3 });
  const [first] = stage.proposeChain(1, 1) as [Block];
  const learn = (signers: readonly number[]) => {
    const before = stage.verifications;
    const certificates = { highQc: stage.qc(first, signers), tc: null };
    stage.tell({ type: 'certificatesReceived', from: asReplicaId(0), certificates });
    return stage.verifications - before;
  };
  t.is(learn([0, 1, 3]), 2, 'the own one is known');
  const before = stage.verifications;
  stage.propose(stage.proposal(stage.block(2, first, stage.qc(first, [0, 1, 2, 3]))));
  t.is(stage.verifications - before, 2, 'the proposal and signature 2');
});

test('a vote that comes when its certificate was proposed costs nothing, unless it proves its signer faulty', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  const first = stage.block(1, GENESIS, GENESIS_QC);
  const late = (signer: number, block: Block) => {
    const before = stage.verifications;
    stage.tell({ type: 'voteReceived', from: asReplicaId(signer), vote: stage.vote(signer, block) });
    return stage.verifications - before;
  };
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  t.is(late(1, first) + late(2, first), 2);
  stage.tell({ type: 'proposeNow', view: asView(2), body: 'empty' });
  t.is(stage.take('proposal').at(-1)?.message.proposal.block.header.justify.signatures.length, 3);
  t.is(late(3, first), 0);
  t.is(late(1, stage.block(1, GENESIS, GENESIS_QC, 'rival')), 1);
  t.is(stage.consensus.evidence().length, 1);
});

test('a vote that comes before the next proposal still goes into it', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  const first = stage.block(1, GENESIS, GENESIS_QC);
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  for (const signer of [1, 2, 3]) {
    stage.tell({ type: 'voteReceived', from: asReplicaId(signer), vote: stage.vote(signer, first) });
  }
  stage.tell({ type: 'proposeNow', view: asView(2), body: 'empty' });
  t.is(stage.take('proposal').at(-1)?.message.proposal.block.header.justify.signatures.length, 4);
});

test('the TC that entered a tenure is sent to all in the view that it enters, and in no later one', (t) => {
  const stage = new ConsensusStage({ id: 3, tenureLength: 10 });
  const tc = stage.tc(0);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates: { highQc: GENESIS_QC, tc } });
  stage.take('certificates');
  stage.tell({ type: 'resendDue', view: asView(10) });
  t.is(stage.take('certificates').length, 1);
  const block = stage.block(10, GENESIS, GENESIS_QC);
  stage.propose(stage.proposal(block, tc));
  const certificates = { highQc: stage.qc(block), tc: null };
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(1), certificates });
  t.is(stage.view, 11);
  stage.tell({ type: 'resendDue', view: asView(11) });
  t.deepEqual(stage.take('certificates'), []);
});

test('the hash that comes with a body is taken, and not worked out again', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  const bodyHash = 'ab'.repeat(32);
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'next' });
  stage.tell({ type: 'bodyReady', view: asView(1), parent: GENESIS.hash, body: Uint8Array.of(1), bodyHash });
  t.is(stage.take('proposal').at(-1)?.message.proposal.block.header.bodyHash, bodyHash);
});
