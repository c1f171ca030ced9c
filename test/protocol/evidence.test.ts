import test from 'ava';
import {
  EvidenceStore,
  proposalsEquivocate,
  type SignedHeader,
  signedHeaderOf,
  votesEquivocate,
} from '../../src/protocol/evidence.js';
import { asBlockHash, asReplicaId, asView } from '../../src/protocol/numbers.js';
import { childOf, genesisBlock, NO_BYTES, voteOf } from './builders.js';

function proposalOf(proposer: number, view: number, name: string): SignedHeader {
  const { hash, header } = childOf(genesisBlock(), view, name);
  return { hash, header: { ...header, proposer: asReplicaId(proposer) }, signature: NO_BYTES };
}

function proofOf(replica: number, view: number) {
  const proof = votesEquivocate(voteOf(replica, view, 'a'), voteOf(replica, view, 'b'));
  if (proof === null) throw new Error('two different votes are a proof');
  return proof;
}

test('two votes of one replica for different blocks in one view are a proof, with both votes', (t) => {
  const first = voteOf(1, 5, 'a');
  const second = voteOf(1, 5, 'b');
  t.deepEqual(votesEquivocate(first, second), {
    kind: 'votes',
    replica: asReplicaId(1),
    view: asView(5),
    messages: [first, second],
  });
  t.is(votesEquivocate(first, voteOf(1, 5, 'a')), null, 'the same vote again');
  t.is(votesEquivocate(first, voteOf(2, 5, 'b')), null, 'another replica');
  t.is(votesEquivocate(first, voteOf(1, 6, 'b')), null, 'another view');
});

test('two proposals of one replica in one view are a proof, with both headers', (t) => {
  const first = proposalOf(1, 5, 'a');
  const second = proposalOf(1, 5, 'b');
  t.deepEqual(proposalsEquivocate(first, second)?.messages, [first, second]);
  t.is(proposalsEquivocate(first, proposalOf(1, 5, 'a')), null, 'the same block again');
  t.is(proposalsEquivocate(first, proposalOf(2, 5, 'b')), null, 'another replica');
  t.is(proposalsEquivocate(first, proposalOf(1, 6, 'b')), null, 'another view');
});

test('evidence keeps what the signature covers and not the body', (t) => {
  const block = childOf(genesisBlock(), 3, 'a', 1_000);
  const kept = signedHeaderOf({ block, signature: NO_BYTES, tc: null });
  t.deepEqual(kept, { hash: asBlockHash('a'), header: block.header, signature: NO_BYTES });
});

test('proofs are kept up to the bound of each replica and counted beyond it', (t) => {
  const store = new EvidenceStore({ replicas: 4, proofsPerReplica: 2 });
  t.is(store.record(proofOf(1, 5)), 'recorded');
  t.is(store.record(proofOf(1, 5)), 'known');
  t.is(store.record(proofOf(1, 6)), 'recorded');
  t.is(store.record(proofOf(1, 7)), 'full');
  t.is(store.record(proofOf(0, 7)), 'recorded', 'nobody fills the place of another');
  t.is(store.record(proofOf(4, 7)), 'notAMember');
  t.is(store.mostKept, 2);
  t.is(store.countOf(asReplicaId(1), 'votes'), 3);
  t.is(store.countOf(asReplicaId(1), 'proposals'), 0);
  t.is(store.countOf(asReplicaId(2), 'votes'), 0);
  t.is(store.countOf(asReplicaId(4), 'votes'), 0);
  t.deepEqual(
    store.all().map(({ replica, view }) => [replica, view]),
    [
      [asReplicaId(0), asView(7)],
      [asReplicaId(1), asView(5)],
      [asReplicaId(1), asView(6)],
    ],
  );
});

test('votes and proposals of one view are two proofs', (t) => {
  const store = new EvidenceStore({ replicas: 4, proofsPerReplica: 9 });
  const proposals = proposalsEquivocate(proposalOf(1, 5, 'a'), proposalOf(1, 5, 'b'));
  t.truthy(proposals);
  if (proposals) t.is(store.record(proposals), 'recorded');
  t.is(store.record(proofOf(1, 5)), 'recorded');
  t.is(store.record(proofOf(2, 5)), 'recorded');
  t.is(store.countOf(asReplicaId(1), 'votes'), 1);
  t.is(store.countOf(asReplicaId(1), 'proposals'), 1);
  t.deepEqual(store.counts(), { votes: 2, proposals: 1 });
});

test('proofs of an earlier life count, fill the bound, and are not recorded again', (t) => {
  const store = new EvidenceStore({ replicas: 4, proofsPerReplica: 2, kept: [proofOf(1, 5), proofOf(1, 6)] });
  t.is(store.record(proofOf(1, 6)), 'known');
  t.is(store.record(proofOf(1, 7)), 'full');
  t.deepEqual(store.counts(), { votes: 3, proposals: 0 });
  t.is(store.all().length, 2);
});

test('a proof survives being cloned to another thread', (t) => {
  const proof = proofOf(1, 5);
  t.deepEqual(structuredClone(proof), proof);
});
