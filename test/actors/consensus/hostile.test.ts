/** What a faulty peer may send: it counts for nothing, costs little and makes nothing grow. */
import type { ConsensusMessage } from '../../../actors/consensus/messages.js';
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
  const stage = new ConsensusStage();
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

test('misbehaviour is logged once a peer and kind, and the disorder of a network not at all', (t) => {
  const lines: string[] = [];
  const log = {
    info: () => undefined,
    warn: (event: string, facts = {}) => lines.push(`${event} ${JSON.stringify(facts)}`),
  };
  const stage = new ConsensusStage({ log });
  const good = stage.proposal(stage.block(1, GENESIS, GENESIS_QC));
  for (let i = 0; i < 3; i += 1) stage.propose({ ...good, signature: new Uint8Array(64) });
  stage.proposeChain(1, 3);
  stage.propose(good);
  stage.tell({ type: 'timeoutReceived', from: asReplicaId(2), timeout: stage.timeout(2, 0) });
  t.deepEqual(lines, ['peerRefused {"peer":0,"reason":"badSignature"}']);
});
