/** What a faulty peer may send: it counts for nothing, costs little and makes nothing grow. */
import type { ConsensusMessage } from '../../../actors/consensus/messages.js';
import type { Logger } from '../../../src/logger.js';
import { asReplicaId, asView, NUMBER_MAX } from '../../../src/protocol/numbers.js';
import type { Block, Vote } from '../../../src/protocol/types.js';
import { ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const BAD = new Uint8Array(64);

function leader(): { readonly stage: ConsensusStage; readonly block: Block } {
  const stage = new ConsensusStage({ id: 0 });
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  return { stage, block: stage.block(1, GENESIS, GENESIS_QC) };
}

function vote(stage: ConsensusStage, cast: Vote): void {
  stage.tell({ type: 'voteReceived', from: cast.signer, vote: cast });
}

/** How many signatures are looked at while `act` goes on. */
function cost(stage: ConsensusStage, act: () => void): number {
  const before = stage.verifications;
  act();
  return stage.verifications - before;
}

test('a vote with a bad signature counts for nothing, and a hundred cost one verification', (t) => {
  const { stage, block } = leader();
  const forged = [1, 2].map((signer) => ({ ...stage.vote(signer, block), signature: BAD }));
  const spent = cost(stage, () => {
    for (let turn = 0; turn < 50; turn += 1) for (const each of forged) vote(stage, each);
  });
  t.is(spent, 2, 'one of each sender');
  t.is(stage.view, 1);
});

test('a bad vote after a good one costs one verification, and the good one still counts', (t) => {
  const { stage, block } = leader();
  vote(stage, stage.vote(1, block));
  const rival = stage.block(1, GENESIS, GENESIS_QC, 'rival');
  const spent = cost(stage, () => {
    for (let turn = 0; turn < 50; turn += 1) vote(stage, { ...stage.vote(1, rival), signature: BAD });
  });
  t.is(spent, 1);
  vote(stage, stage.vote(2, block));
  t.is(stage.view, 2);
});

test('a replica that votes for many blocks of a view is proved faulty once and then costs nothing', (t) => {
  const { stage, block } = leader();
  vote(stage, stage.vote(1, block));
  const spent = cost(stage, () => {
    for (let turn = 0; turn < 50; turn += 1) {
      vote(stage, stage.vote(1, stage.block(1, GENESIS, GENESIS_QC, `rival ${turn}`)));
    }
  });
  t.is(spent, 1);
});

test('a leader that proposes many blocks in a view is proved faulty once and then costs nothing', (t) => {
  const stage = new ConsensusStage();
  stage.propose(stage.proposal(stage.block(1, GENESIS, GENESIS_QC)));
  const spent = cost(stage, () => {
    for (let turn = 0; turn < 50; turn += 1) {
      stage.propose(stage.proposal(stage.block(1, GENESIS, GENESIS_QC, `rival ${turn}`)));
    }
  });
  t.is(spent, 1);
  t.deepEqual(stage.addedViews, [1], 'none of them is taken in');
});

test('bad proposals cost one verification a view', (t) => {
  const stage = new ConsensusStage();
  const proposal = { ...stage.proposal(stage.block(1, GENESIS, GENESIS_QC)), signature: BAD };
  const spent = cost(stage, () => {
    for (let turn = 0; turn < 50; turn += 1) stage.propose(proposal);
  });
  t.is(spent, 1);
});

test('Timeouts with a bad signature make nobody join, and cost one verification a sender', (t) => {
  const stage = new ConsensusStage();
  const spent = cost(stage, () => {
    for (let turn = 0; turn < 50; turn += 1) {
      for (const signer of [2, 3]) {
        const timeout = { ...stage.timeout(signer, 0), signature: BAD };
        stage.tell({ type: 'timeoutReceived', from: asReplicaId(signer), timeout });
      }
    }
  });
  t.is(spent, 2);
  t.deepEqual(stage.take('timeout'), []);
});

test('proposals that wait for a missing block are bounded, the newest stay, and the rest may come again', (t) => {
  const stage = new ConsensusStage();
  const first = stage.block(1, GENESIS, GENESIS_QC);
  const later = stage.proposeChain(2, 9, first, stage.qc(first));
  stage.tell({ type: 'ancestorsArrived', blocks: [first], certificate: stage.qc(first) });
  t.deepEqual(stage.addedViews, [1], 'views 2 .. 5 gave way: the limit is four');
  for (const block of later.slice(0, 4)) stage.propose(stage.proposal(block));
  t.deepEqual(stage.addedViews, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('proposals that wait for a missing block are bounded by bytes too', (t) => {
  const stage = new ConsensusStage({ limits: { treeBodyBytes: 16_384 } });
  const first = stage.block(1, GENESIS, GENESIS_QC);
  const large = 'x'.repeat(800);
  const second = stage.block(2, first, stage.qc(first), large);
  const third = stage.block(3, second, stage.qc(second), large);
  const fourth = stage.block(4, third, stage.qc(third), large);
  for (const block of [second, third]) stage.propose(stage.proposal(block));
  stage.propose(stage.proposal(fourth));
  stage.tell({ type: 'ancestorsArrived', blocks: [first], certificate: stage.qc(first) });
  t.deepEqual(stage.addedViews, [1], 'view 2 gave way: two of 800 bytes fit into the bound of 2048');
  stage.propose(stage.proposal(second));
  t.deepEqual(stage.addedViews, [1, 2, 3, 4]);
});

test('a leader whose branch was left behind goes on without a throw', (t) => {
  // this replica led view 1 and voted on its own block there; the others went on from genesis without it
  const { stage } = leader();
  const tc = stage.tc(0);
  const other = new ConsensusStage();
  let parent = other.block(1000, GENESIS, GENESIS_QC, 'other');
  stage.propose(stage.proposal(parent, tc));
  for (let view = 1001; view < 1004; view += 1) {
    parent = stage.block(view, parent, stage.qc(parent));
    stage.propose(stage.proposal(parent));
  }
  t.deepEqual(stage.committedViews, [1000]);
  t.true(
    stage.told.some(({ message }) => message.type === 'blocksAbandoned'),
    'its own block is left behind',
  );
  stage.take('proposal');
  stage.tell({ type: 'bodyReady', view: asView(1), parent: GENESIS.hash, body: new Uint8Array(0) });
  stage.tell({ type: 'resendDue', view: asView(1) });
  t.deepEqual(stage.take('proposal'), []);
  t.is(stage.view, 1003);
});

test('a leader that has voted on a branch which nobody certified proposes beside it, and votes for that', (t) => {
  // libhotstuff's on_propose throws here: the new block is no higher than the one that was voted for
  const stage = new ConsensusStage({ id: 1 });
  const faulty = stage.block(1, GENESIS, GENESIS_QC, 'faulty');
  stage.propose(stage.proposal(faulty));
  t.deepEqual(
    stage.take('vote').map(({ message }) => message.vote.block),
    [faulty.hash],
  );
  const tc = stage.tc(0, GENESIS_QC, [0, 2, 3]);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates: { highQc: GENESIS_QC, tc } });
  const view = asView(1000);
  stage.tell({ type: 'proposeNow', view, body: 'next' });
  stage.tell({ type: 'bodyReady', view, parent: GENESIS.hash, body: Uint8Array.of(1) });
  const [proposed] = stage.take('proposal');
  t.is(proposed?.message.proposal.block.header.view, view);
  t.is(proposed?.message.proposal.block.header.height, faulty.header.height);
  t.deepEqual(stage.consensus.counters().signed, { proposal: 1, vote: 2, timeout: 0 });
});

test('a body for a view that its leader has left is dropped, and the one for the present view is proposed', (t) => {
  // both views stand on genesis: whatever was made in the first was given up
  const stage = new ConsensusStage({ id: 1, tenureLength: 1 });
  const lead = (view: number) => {
    const certificates = { highQc: GENESIS_QC, tc: stage.tc(view - 1, GENESIS_QC, [0, 2, 3]) };
    stage.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates });
    stage.tell({ type: 'proposeNow', view: asView(view), body: 'next' });
  };
  const answer = (view: number) =>
    stage.tell({ type: 'bodyReady', view: asView(view), parent: GENESIS.hash, body: Uint8Array.of(view) });
  const proposedViews = () => stage.take('proposal').map(({ message }) => Number(message.proposal.block.header.view));
  t.deepEqual(
    [5, 9].map((view) => Number(stage.leaderOf(view))),
    [1, 1],
  );
  lead(5);
  lead(9);
  answer(5);
  t.deepEqual(proposedViews(), []);
  answer(9);
  t.deepEqual(proposedViews(), [9]);
  answer(9);
  t.deepEqual(proposedViews(), [], 'nor is one that comes twice');
});

test('proposals of views that their sender does not lead, or that nobody has entered, cost one verification a view', (t) => {
  const stage = new ConsensusStage();
  const spent = cost(stage, () => {
    for (let turn = 0; turn < 50; turn += 1) {
      stage.propose(stage.proposal(stage.block(2 + turn, GENESIS, GENESIS_QC, `early ${turn}`)));
    }
  });
  t.is(spent, 1);
});

test('only what a quorum has signed moves the view, however high the view is that one peer tells', (t) => {
  const tenureLength = 1000;
  const stage = new ConsensusStage({ tenureLength });
  const liar = asReplicaId(2);
  const highest = stage.block(NUMBER_MAX - 1, GENESIS, GENESIS_QC, 'far ahead', liar);
  const lastTenure = Math.floor(NUMBER_MAX / tenureLength) - 2;
  const told: readonly ConsensusMessage[] = [
    { type: 'certificatesReceived', from: liar, certificates: { highQc: stage.qc(highest, [2]), tc: null } },
    { type: 'voteReceived', from: liar, vote: stage.vote(2, highest) },
    { type: 'proposalReceived', from: liar, proposal: stage.proposal(highest) },
    { type: 'timeoutReceived', from: liar, timeout: stage.timeout(2, lastTenure) },
  ];
  for (const message of told) {
    stage.tell(message);
    t.is(stage.view, 1, message.type);
  }
  const tc = stage.tc(lastTenure, GENESIS_QC, [2]);
  const another = new ConsensusStage({ tenureLength });
  another.tell({ type: 'certificatesReceived', from: liar, certificates: { highQc: GENESIS_QC, tc } });
  t.is(another.view, 1, 'a TC of one');
});

test('Timeouts of ever later tenures cost a few verifications in an interval, and are heard again in the next', (t) => {
  const stage = new ConsensusStage();
  const raise = (from: number) =>
    cost(stage, () => {
      for (let tenure = from; tenure < from + 50; tenure += 1) {
        stage.tell({ type: 'timeoutReceived', from: asReplicaId(2), timeout: stage.timeout(2, tenure) });
      }
    });
  t.is(raise(1), 8);
  t.is(raise(100), 0);
  stage.now += 10_000;
  t.is(raise(200), 8);
});

test('a tree full of blocks that were never certified makes room for the next one', (t) => {
  const stage = new ConsensusStage({ id: 1, tenureLength: 1 });
  let voted = 0;
  for (let view = 2; view <= 120; view += 1) {
    if (stage.leaderOf(view) === 1) continue;
    stage.propose(stage.proposal(stage.block(view, GENESIS, GENESIS_QC, `${view}`), stage.tc(view - 1)));
    voted = Number(stage.take('vote').at(-1)?.message.vote.view ?? voted);
  }
  t.true(voted >= 118, `the last vote was in view ${voted}; the tree holds 64 blocks`);
});

function logged(): { readonly lines: string[]; readonly log: Logger } {
  const lines: string[] = [];
  const warn: Logger['warn'] = (event, facts = {}) => lines.push(`${event} ${JSON.stringify(facts)}`);
  return { lines, log: { info: () => undefined, warn } };
}

test('the disorder of a network is logged not at all, and what the same peers do wrong still is, once a peer and kind', (t) => {
  const { lines, log } = logged();
  const stage = new ConsensusStage({ log });
  const [first, ...later] = stage.proposeChain(1, 5);
  const last = later.at(-1);
  if (first === undefined || last === undefined) return t.fail('nothing was proposed');
  stage.propose(stage.proposal(last)).propose(stage.proposal(first));
  vote(stage, stage.vote(3, last));
  const missing = stage.block(10, last, stage.qc(last));
  stage.proposeChain(11, 16, missing, stage.qc(missing));
  for (let tenure = 0; tenure < 9; tenure += 1) {
    stage.tell({ type: 'timeoutReceived', from: asReplicaId(2), timeout: stage.timeout(2, tenure) });
  }
  stage.tell({ type: 'executionBehind', behind: true });
  stage.propose(stage.proposal(last));
  stage.tell({ type: 'executionBehind', behind: false });
  const disorder = { duplicate: 1, stale: 1, notForUs: 1, poolFull: 2, tooMany: 1, executionBehind: 1 };
  t.deepEqual(stage.consensus.counters().refusals, disorder);
  t.deepEqual(lines, []);
  const forged = { ...stage.proposal(stage.block(17, missing, stage.qc(missing))), signature: BAD };
  for (let turn = 0; turn < 3; turn += 1) stage.propose(forged);
  t.deepEqual(stage.consensus.counters().refusals, { ...disorder, badSignature: 1, excluded: 2 });
  t.deepEqual(lines, ['peerRefused {"peer":0,"reason":"badSignature"}']);
});

test('votes out of order are logged not at all, and what the same peer does wrong still is, once a kind', (t) => {
  const { lines, log } = logged();
  const stage = new ConsensusStage({ id: 0, log });
  const early = stage.block(40, GENESIS, GENESIS_QC);
  const block = stage.block(1, GENESIS, GENESIS_QC);
  vote(stage, stage.vote(3, early));
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  for (const signer of [1, 1, 2]) vote(stage, stage.vote(signer, block));
  t.is(stage.view, 2);
  stage.tell({ type: 'proposeNow', view: asView(2), body: 'empty' });
  vote(stage, stage.vote(3, block));
  t.deepEqual(stage.consensus.counters().refusals, { tooFarAhead: 1, duplicate: 1, stale: 1 });
  t.deepEqual(lines, []);
  const second = stage.take('proposal').at(-1)?.message.proposal.block;
  if (second === undefined) return t.fail('nothing was proposed in view 2');
  for (let turn = 0; turn < 3; turn += 1) vote(stage, { ...stage.vote(3, second), signature: BAD });
  t.deepEqual(lines, ['peerRefused {"peer":3,"reason":"badSignature"}']);
});
