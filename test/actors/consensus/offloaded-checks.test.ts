/** Certificates with many signatures are looked at by the pool: nothing counts before its answer, and all of it after. */

import { asReplicaId } from '../../../src/protocol/numbers.js';
import type { Block, Proposal, QuorumCertificate } from '../../../src/protocol/types.js';
import { ConsensusCluster } from '../../support/consensus-cluster.js';
import { ConsensusStage, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const BAD = new Uint8Array(64);

/** A replica that gives three signatures and more to the pool, and a block of view 1 that it holds. */
function stage(options: ConstructorParameters<typeof ConsensusStage>[0] = {}) {
  const made = new ConsensusStage({ offloadSignatures: 3, ...options });
  const [one] = made.proposeChain(1, 1);
  return { stage: made, one: one as Block };
}

/** Of others: the replica's own vote is known to be good. */
function qcOf(of: ConsensusStage, block: Block): QuorumCertificate {
  return of.qc(block, [0, 2, 3]);
}

function withBadSignature(qc: QuorumCertificate): QuorumCertificate {
  const [first, ...rest] = qc.signatures;
  return { ...qc, signatures: [{ signer: first?.signer ?? asReplicaId(0), signature: BAD }, ...rest] };
}

function second(of: ConsensusStage, one: Block, qc = qcOf(of, one), text = 'second'): Proposal {
  return of.proposal(of.block(2, one, qc, text));
}

const refusals = (of: ConsensusStage) => of.consensus.counters().refusals;

test('a proposal whose certificate the pool looks at counts for nothing until the answer is here', (t) => {
  const { stage: replica, one } = stage();
  const before = replica.verifications;
  replica.propose(second(replica, one));
  t.is(replica.offloaded.length, 1);
  t.is(replica.verifications - before, 1, 'its proposer’s signature is looked at here');
  t.is(replica.view, 1);
  t.deepEqual(replica.addedViews, [1]);
  replica.answerPool();
  t.is(replica.view, 2);
  t.deepEqual(replica.addedViews, [1, 2]);
  t.is(replica.take('vote').length > 0, true);
});

test('so do certificates that come alone, and the high QC of a Timeout', (t) => {
  const { stage: replica, one } = stage();
  const certificates = { highQc: qcOf(replica, one), tc: null };
  replica.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates });
  t.is(replica.view, 1);
  replica.answerPool();
  t.is(replica.view, 2);

  const { stage: other, one: block } = stage();
  other.tell({ type: 'timeoutReceived', from: asReplicaId(2), timeout: other.timeout(2, 0, qcOf(other, block)) });
  t.is(other.view, 1);
  t.is(other.consensus.counters().held.timeouts, 0);
  other.answerPool();
  t.is(other.view, 2);
  t.is(other.consensus.counters().held.timeouts, 1);
});

test('a timeout certificate is looked at with the certificate that it travels with', (t) => {
  const { stage: replica, one } = stage();
  const certificates = { highQc: GENESIS_QC, tc: replica.tc(0, qcOf(replica, one)) };
  replica.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates });
  t.is(replica.offloaded[0]?.input.messageEnds.length, 6);
  t.is(replica.view, 1);
  replica.answerPool();
  t.is(replica.view, 1000);
});

for (const [signatures, offloads] of [
  [2, true],
  [3, true],
  [4, false],
] as const) {
  test(`a certificate of three is ${offloads ? '' : 'not '}given to a pool that takes ${signatures} and more`, (t) => {
    const { stage: replica, one } = stage({ offloadSignatures: signatures });
    replica.propose(second(replica, one));
    t.is(replica.offloaded.length, offloads ? 1 : 0);
    t.is(replica.view, offloads ? 1 : 2);
  });
}

test('what is known already does not count: nothing is looked at twice', (t) => {
  const { stage: replica, one } = stage();
  replica.propose(second(replica, one)).answerPool();
  const certificates = { highQc: qcOf(replica, one), tc: replica.tc(0, qcOf(replica, one)) };
  replica.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates });
  t.is(replica.offloaded[0]?.input.messageEnds.length, 3, 'the Timeouts alone');
});

test('who sent a bad signature is excluded for the view, its certificate counts for nothing, and others go on', (t) => {
  const { stage: replica, one } = stage();
  replica.propose(second(replica, one, withBadSignature(qcOf(replica, one)), 'bad')).answerPool();
  t.is(replica.view, 1);
  t.like(refusals(replica), { badCertificate: 1 });
  replica.propose(second(replica, one));
  t.like(refusals(replica), { excluded: 1 });
  t.is(replica.offloaded.length, 0);
  const certificates = { highQc: qcOf(replica, one), tc: null };
  replica.tell({ type: 'certificatesReceived', from: asReplicaId(2), certificates }).answerPool();
  t.is(replica.view, 2);
});

test('a proposal with a bad signature of its own never gets to the pool', (t) => {
  const { stage: replica, one } = stage();
  replica.propose({ ...second(replica, one), signature: BAD });
  t.is(replica.offloaded.length, 0);
  t.like(refusals(replica), { badSignature: 1 });
});

test('where a thread of the pool has died the signatures are looked at here, the bad ones too', (t) => {
  const { stage: replica, one } = stage();
  replica.propose(second(replica, one)).answerPool(true);
  t.is(replica.view, 2);
  const { stage: other, one: block } = stage();
  other.propose(second(other, block, withBadSignature(qcOf(other, block)))).answerPool(true);
  t.is(other.view, 1);
  t.like(refusals(other), { badCertificate: 1 });
});

test('votes and certificates of others go on while the pool works, and a stale answer is dropped', (t) => {
  const { stage: replica, one } = stage();
  replica.propose(second(replica, one));
  const certificates = { highQc: qcOf(replica, one), tc: replica.tc(0, qcOf(replica, one)) };
  replica.tell({ type: 'certificatesReceived', from: asReplicaId(3), certificates });
  const asked = replica.offloaded.shift();
  replica.answerPool();
  t.is(replica.view, 1000, 'the second was answered first');
  replica.offloaded.push(...(asked === undefined ? [] : [asked]));
  replica.answerPool();
  t.is(replica.view, 1000);
  t.is(replica.take('vote').filter(({ message }) => message.vote.view === 2).length, 0);
});

test('proposals of one peer keep their order, and wait within a bound of messages and bytes', (t) => {
  const { stage: replica, one } = stage();
  const two = second(replica, one);
  const three = replica.proposal(replica.block(3, two.block, qcOf(replica, two.block), 'third'));
  replica.propose(two).propose(three);
  t.is(replica.offloaded.length, 1);
  t.like(replica.consensus.counters().held, { offloadedMessages: 2, offloadedBodyBytes: 11 });
  replica.answerPool();
  t.deepEqual(replica.addedViews, [1, 2]);
  replica.answerPool();
  t.deepEqual(replica.addedViews, [1, 2, 3]);
  t.like(replica.consensus.counters().held, { offloadedMessages: 0, offloadedBodyBytes: 0 });

  const { stage: full, one: block } = stage();
  const first = second(full, block);
  full.propose(first);
  for (let view = 3; view < 10; view += 1) {
    full.propose(full.proposal(full.block(view, first.block, qcOf(full, first.block), `${view}`)));
  }
  t.like(full.consensus.counters().held, { offloadedMessages: 4 });
  t.like(refusals(full), { poolFull: 4 });
});

test('a stop while the pool works is orderly, and its answer changes nothing', (t) => {
  const { stage: replica, one } = stage();
  replica.propose(second(replica, one));
  replica.tell({ type: 'stopRequested' });
  replica.answerPool();
  t.deepEqual(replica.addedViews, [1]);
  t.is(replica.told.filter(({ message }) => message.type === 'partStopped').length, 1);
});

test('seven replicas whose certificates the pool looks at commit, and fewer signatures stay here', (t) => {
  const pooled = new ConsensusCluster({ replicas: 7, tenureLength: 10, rule: 'three-chain', offloadSignatures: 5 });
  pooled.start().run(2000);
  t.deepEqual(pooled.violations, []);
  for (let id = 0; id < 7; id += 1) t.true(pooled.nonEmpty(id) > 50, `replica ${id}: ${pooled.nonEmpty(id)}`);
  t.true(pooled.pool.asked.length > 100);
  const alone = new ConsensusCluster({ replicas: 7, tenureLength: 10, rule: 'three-chain', offloadSignatures: 100 });
  alone.start().run(500);
  t.is(alone.pool.asked.length, 0);
});
