/** What proves a replica faulty is kept with both signed messages, counted, and can be read (DESIGN section 4, Evidence). */
import { type Logger, silentLogger } from '../../../src/logger.js';
import { signedHeaderOf } from '../../../src/protocol/evidence.js';
import { asReplicaId, asView } from '../../../src/protocol/numbers.js';
import type { Block, Vote } from '../../../src/protocol/types.js';
import { hashVerifier } from '../../../src/simulation/hash-signer.js';
import { createSigningBytes } from '../../../src/wire/signing-bytes.js';
import { CLUSTER_ID, ConsensusStage, EMPTY_STORE, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const BYTES = createSigningBytes({ clusterId: CLUSTER_ID, epoch: 0 });
const NONE = { votes: 0, proposals: 0 };

test('two proposals of one view are kept with both signatures, once', (t) => {
  const stage = new ConsensusStage();
  const [first, second] = ['a', 'b'].map((text) => stage.proposal(stage.block(1, GENESIS, GENESIS_QC, text)));
  if (first === undefined || second === undefined) return t.fail();
  stage.propose(first).propose(first);
  t.deepEqual(stage.consensus.evidence(), [], 'the same one again proves nothing');
  stage.propose(second).propose(second);
  const [proof, ...more] = stage.consensus.evidence();
  t.deepEqual(more, []);
  t.like(proof, { kind: 'proposals', replica: asReplicaId(0), view: asView(1) });
  t.deepEqual(proof?.messages, [signedHeaderOf(first), signedHeaderOf(second)]);
  if (proof?.kind !== 'proposals') return;
  for (const { hash, header, signature } of proof.messages) {
    t.true(hashVerifier.verify(proof.replica, BYTES.proposal(header.view, hash), signature));
  }
  t.deepEqual(stage.consensus.counters().evidence, { votes: 0, proposals: 1 });
  t.is(stage.consensus.counters().refusals.equivocation, 1);
});

test('two votes of one view are kept with both signatures, once', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  const [first, second] = ['a', 'b'].map((text) => stage.vote(2, stage.block(1, GENESIS, GENESIS_QC, text)));
  if (first === undefined || second === undefined) return t.fail();
  for (const vote of [first, first, second, second]) {
    stage.tell({ type: 'voteReceived', from: vote.signer, vote });
  }
  const [proof, ...more] = stage.consensus.evidence();
  t.deepEqual(more, []);
  t.like(proof, { kind: 'votes', replica: asReplicaId(2), view: asView(1) });
  t.deepEqual(proof?.messages, [first, second]);
  if (proof?.kind !== 'votes') return;
  for (const { view, block, signature } of proof.messages) {
    t.true(hashVerifier.verify(proof.replica, BYTES.vote(view, block), signature));
  }
  t.deepEqual(stage.consensus.counters().evidence, { votes: 1, proposals: 0 });
});

/** A leader that has proposed view 2 on the certificate of view 1: votes for view 1 come too late to count. */
function lateStage() {
  const stage = new ConsensusStage({ id: 0 });
  const first = stage.block(1, GENESIS, GENESIS_QC);
  const tell = (...votes: readonly Vote[]) => {
    const before = stage.verifications;
    for (const vote of votes) stage.tell({ type: 'voteReceived', from: vote.signer, vote });
    return stage.verifications - before;
  };
  stage.tell({ type: 'proposeNow', view: asView(1), body: 'empty' });
  tell(stage.vote(1, first), stage.vote(2, first));
  stage.tell({ type: 'proposeNow', view: asView(2), body: 'empty' });
  return { stage, tell, vote: stage.vote(3, first), rival: stage.vote(3, stage.block(1, GENESIS, GENESIS_QC, 'b')) };
}

test('two votes that both come too late to count are kept, and looked at only when they differ', (t) => {
  const { stage, tell, vote, rival } = lateStage();
  t.is(tell(vote, vote, vote), 0);
  t.is(tell(rival), 2);
  t.is(tell(rival, vote, rival), 0);
  t.deepEqual(
    stage.consensus.evidence().map(({ messages }) => messages),
    [[vote, rival]] as never,
  );
});

test('a forged vote that came too late proves nothing against its signer, and costs its sender the view', (t) => {
  for (const forged of ['first', 'second']) {
    const { stage, tell, vote, rival } = lateStage();
    const signature = new Uint8Array(64);
    t.true(tell(forged === 'first' ? { ...vote, signature } : vote) === 0);
    t.true(tell(forged === 'first' ? rival : { ...rival, signature }) <= 2);
    t.is(tell(vote, rival), 0);
    t.deepEqual(stage.consensus.evidence(), []);
    t.is(stage.consensus.counters().refusals.badSignature, 1);
  }
});

test('Timeouts are no evidence, and neither is what a replica did not sign', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  const [first] = stage.proposeChain(1, 1) as [Block];
  for (const timeout of [stage.timeout(2, 0), stage.timeout(2, 0, stage.qc(first)), stage.timeout(2, 1)]) {
    stage.tell({ type: 'timeoutReceived', from: asReplicaId(2), timeout });
  }
  const forged = { ...stage.vote(3, stage.block(2, first, stage.qc(first), 'b')), signature: new Uint8Array(64) };
  stage.tell({
    type: 'voteReceived',
    from: asReplicaId(3),
    vote: stage.vote(3, stage.block(2, first, stage.qc(first))),
  });
  stage.tell({ type: 'voteReceived', from: asReplicaId(3), vote: forged });
  t.deepEqual(stage.consensus.evidence(), []);
  t.deepEqual(stage.consensus.counters().evidence, NONE);
  t.is(stage.consensus.counters().refusals.badSignature, 1);
});

test('proofs against one replica are kept up to the bound, and counted beyond', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  for (let view = 1; view <= 4; view += 1) {
    for (const text of ['a', 'b']) {
      const vote = stage.vote(2, stage.block(view, GENESIS, GENESIS_QC, text));
      stage.tell({ type: 'voteReceived', from: asReplicaId(2), vote });
    }
  }
  t.is(stage.consensus.evidence().length, 2, 'the bound of this stage');
  t.is(stage.consensus.counters().evidence.votes, 4);
});

test('refusals are counted by their reason, and what is held is told', (t) => {
  const stage = new ConsensusStage();
  t.deepEqual(stage.consensus.counters().refusals, {});
  const first = stage.block(1, GENESIS, GENESIS_QC);
  for (const from of [2, 3]) stage.propose(stage.proposal(first), asReplicaId(from));
  stage.propose(stage.proposal(stage.block(2, first, stage.qc(first), 'waits')));
  const { refusals, held } = stage.consensus.counters();
  t.deepEqual(refusals, { notItsSender: 2 });
  t.like(held, { treeBlocks: 0, pendingProposals: 1, pendingBodyBytes: 5 });
});

test('tenures that end without a commit leave one proposal each, up to the bound; the newest are told from a second', (t) => {
  const stage = new ConsensusStage({ id: 1, tenureLength: 1 });
  const proposed = (view: number, text: string) =>
    stage.proposal(stage.block(view, GENESIS, GENESIS_QC, text), stage.tc(view - 1));
  for (let view = 2; view <= 100; view += 1) stage.propose(proposed(view, 'a'));
  t.is(stage.view, 100);
  t.is(stage.consensus.counters().held.seenProposals, 64, 'the bound of this stage');
  stage.propose(proposed(100, 'b'));
  t.is(stage.consensus.counters().evidence.proposals, 1);
});

/** A leader that hears two votes of replica 2 in each of the views. */
function convict(stage: ConsensusStage, views: readonly number[]): void {
  for (const view of views) {
    for (const text of ['a', 'b']) {
      const vote = stage.vote(2, stage.block(view, GENESIS, GENESIS_QC, text));
      stage.tell({ type: 'voteReceived', from: asReplicaId(2), vote });
    }
  }
}

test('a proof goes to the disk once, in a request that nothing waits for, and those beyond the bound do not', (t) => {
  const stage = new ConsensusStage({ id: 0 });
  const before = stage.requests.length;
  convict(stage, [1, 1]);
  const [request, ...more] = stage.requests.slice(before);
  t.deepEqual(more, []);
  t.like(request, { urgent: false, safety: null, blocks: [], committed: [], abandoned: [] });
  t.deepEqual(request?.evidence, stage.consensus.evidence());
  convict(stage, [2, 3, 4]);
  t.is(stage.requests.slice(before).flatMap(({ evidence }) => evidence).length, 2, 'the bound of this stage');
});

test('two proposals go to the disk, too', (t) => {
  const stage = new ConsensusStage();
  for (const text of ['a', 'b']) stage.propose(stage.proposal(stage.block(1, GENESIS, GENESIS_QC, text)));
  const written = stage.requests.flatMap(({ evidence }) => evidence);
  t.is(written.length, 1);
  t.deepEqual(written, stage.consensus.evidence());
});

test('after a restart the proofs are there, count, and are neither written nor told of again', (t) => {
  const first = new ConsensusStage({ id: 0 });
  convict(first, [1]);
  const evidence = first.consensus.evidence();
  const events: string[] = [];
  const log = { ...silentLogger, warn: (event: string) => events.push(event) };
  const again = new ConsensusStage({ id: 0, store: { ...EMPTY_STORE, evidence }, log });
  t.deepEqual(again.consensus.evidence(), evidence);
  t.is(again.consensus.counters().evidence.votes, 1);
  convict(again, [1, 2]);
  t.is(again.requests.flatMap((request) => request.evidence).length, 1, 'that of view 2 alone');
  t.false(events.includes('equivocationProved'));
});

test('the log tells of the first proof of each kind against a replica', (t) => {
  const told: unknown[] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (event, facts) => {
      if (event === 'equivocationProved') told.push(facts);
    },
  };
  const stage = new ConsensusStage({ id: 0, log });
  convict(stage, [1, 2, 3, 4]);
  t.deepEqual(told, [{ accused: 2, kind: 'votes', view: 1 }]);
});
