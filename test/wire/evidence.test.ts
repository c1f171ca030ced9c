import test from 'ava';
import fc from 'fast-check';
import type { Equivocation } from '../../src/protocol/evidence.js';
import { asReplicaId, asView } from '../../src/protocol/numbers.js';
import { decodeEquivocation, encodeEquivocation } from '../../src/wire/evidence.js';
import { blocksOf, checkEquivocation, type EvidenceCluster } from '../../src/wire/evidence-check.js';
import { type EvidenceDocument, evidenceDocument, readEvidence } from '../../src/wire/evidence-document.js';
import { assertCanonical, assertRobust, type TestedCodec } from '../support/codecs.js';
import { EVIDENCE_CLUSTER, signedHeader, signedVote, twoProposals, twoVotes } from '../support/equivocations.js';
import { CLUSTER_ID, equivocation } from '../support/wire-arbitraries.js';

const codec: TestedCodec<Equivocation> = {
  encode: encodeEquivocation,
  decode: (bytes) => decodeEquivocation(CLUSTER_ID, bytes),
};

const problemOf = (proof: Equivocation, cluster: EvidenceCluster = EVIDENCE_CLUSTER): string => {
  const verdict = checkEquivocation(proof, cluster);
  return verdict.valid ? 'valid' : verdict.problem;
};

/** Reads a document as somebody else would: from its text. */
function judge(document: object, cluster: EvidenceCluster = EVIDENCE_CLUSTER): string {
  const reading = readEvidence(JSON.stringify(document), cluster);
  if (!reading.ok) return reading.detail;
  const verdict = checkEquivocation(reading.proof, cluster);
  return verdict.valid ? 'valid' : verdict.detail;
}

test('a proof comes back whole, and no change of its bytes makes a second encoding', (t) => {
  fc.assert(
    fc.property(equivocation, (proof) => assertRobust(t, codec, proof)),
    { numRuns: 10 },
  );
});

test('random bytes behind the head of a proof never throw', (t) => {
  const head = encodeEquivocation(twoVotes(1, 5)).subarray(0, 4);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (rest) =>
      assertCanonical(t, codec, Uint8Array.of(...head, ...rest)),
    ),
    { numRuns: 500 },
  );
  t.is(decodeEquivocation(CLUSTER_ID, new Uint8Array(0)), null);
});

test('two signed votes, or proposals, of one replica and view are valid from the public keys alone', (t) => {
  t.is(problemOf(twoVotes(2, 7)), 'valid');
  t.is(problemOf(twoProposals(3, 7)), 'valid');
  t.deepEqual(blocksOf(twoVotes(2, 7)), ['a'.repeat(64), 'b'.repeat(64)]);
});

test('no change of a proof leaves it valid', (t) => {
  const votes = twoVotes(2, 7);
  const proposals = twoProposals(3, 7);
  const [one, two] = votes.messages;
  const [first, second] = proposals.messages;
  const forged = { ...two, signature: new Uint8Array(64) };
  t.is(problemOf({ ...votes, replica: asReplicaId(4) }), 'notAMember');
  t.is(problemOf({ ...votes, messages: [one, one] }), 'sameBlock');
  t.is(problemOf({ ...proposals, messages: [second, second] }), 'sameBlock');
  t.is(problemOf({ ...votes, replica: asReplicaId(1) }), 'otherSeat');
  t.is(problemOf({ ...votes, messages: [one, signedVote(1, 7, 'b')] }), 'otherSeat');
  t.is(problemOf({ ...votes, messages: [one, signedVote(2, 8, 'b')] }), 'otherSeat');
  t.is(problemOf({ ...proposals, messages: [first, signedHeader(3, 8, 'two')] }), 'otherSeat');
  t.is(problemOf({ ...proposals, view: asView(8) }), 'otherSeat');
  t.is(problemOf({ ...votes, messages: [one, forged] }), 'badSignature');
  t.is(problemOf({ ...votes, messages: [{ ...one, signature: two.signature }, two] }), 'badSignature');
  t.is(problemOf({ ...proposals, messages: [first, { ...second, hash: first.hash }] }), 'wrongHash');
  const bent = { ...second, header: { ...second.header, bodyHash: first.header.bodyHash } };
  t.is(problemOf({ ...proposals, messages: [first, bent] }), 'wrongHash');
});

test('a proof is of one cluster, epoch and kind', (t) => {
  t.is(problemOf(twoVotes(2, 7), { ...EVIDENCE_CLUSTER, clusterId: 'e2'.repeat(32) }), 'badSignature');
  t.is(problemOf(twoVotes(2, 7), { ...EVIDENCE_CLUSTER, epoch: 1 as 0 }), 'badSignature');
  const [first, second] = twoProposals(2, 7).messages;
  const asVotes = [first, second].map(({ hash, signature }) => ({ ...signedVote(2, 7, 'a'), block: hash, signature }));
  const proof = { ...twoVotes(2, 7), messages: asVotes } as unknown as Equivocation;
  t.is(problemOf(proof), 'badSignature', 'signatures of proposals are none of votes');
});

test('an exported proof comes back from its text, and further fields do not count', (t) => {
  for (const proof of [twoVotes(2, 7), twoProposals(3, 9)]) {
    const document = evidenceDocument(proof, EVIDENCE_CLUSTER);
    t.is(judge({ ...document, valid: false, note: 'seen on Tuesday' }), 'valid');
    const reading = readEvidence(JSON.stringify(document), EVIDENCE_CLUSTER);
    t.deepEqual(reading, { ok: true, proof });
  }
});

test('the messages of an exported proof are what docs/evidence.md says', (t) => {
  const [vote] = evidenceDocument(twoVotes(2, 7), EVIDENCE_CLUSTER).messages;
  t.is(vote.length, 2 * (32 + 64));
  t.true(vote.startsWith('a'.repeat(64)));
  const [proposal] = evidenceDocument(twoProposals(3, 9), EVIDENCE_CLUSTER).messages;
  t.is(proposal.length, 2 * (4 + Number.parseInt(proposal.slice(0, 8), 16) + 64));
});

test('each way of tampering with an exported proof is told', (t) => {
  const document = evidenceDocument(twoVotes(2, 7), EVIDENCE_CLUSTER);
  const [one, two] = document.messages;
  const rest = (name: keyof EvidenceDocument) =>
    Object.fromEntries(Object.entries(document).filter(([key]) => key !== name));
  const changed = (changes: object) => judge({ ...document, ...changes });
  const flipped = `${one.slice(0, -1)}${one.endsWith('0') ? '1' : '0'}`;
  for (const name of ['version', 'clusterId', 'epoch', 'kind', 'replica', 'view', 'messages'] as const)
    t.is(judge(rest(name)), `${name} is missing`);
  t.is(changed({ version: 2 }), 'version is 2; it must be 1, the form that this program reads');
  t.regex(changed({ clusterId: 'e2'.repeat(32) }), /^clusterId is "e2.*; it must be "ab.*, this cluster$/);
  t.is(changed({ epoch: 1 }), 'epoch is 1; it must be 0, that of the cluster');
  t.is(changed({ kind: 'timeouts' }), 'kind is "timeouts"; it must be "votes" or "proposals"');
  t.is(changed({ kind: 'proposals' }), 'message 1 is no proposal');
  t.is(changed({ replica: 4 }), 'replica is 4; it must be a whole number from 0 to 3');
  t.is(changed({ replica: 1 }), 'vote 1 does not bear the signature of replica 1 for view 7');
  t.is(changed({ view: 8 }), 'vote 1 does not bear the signature of replica 2 for view 8');
  t.regex(changed({ view: -1 }), /^view is -1; it must be a whole number from 0 to/);
  t.regex(changed({ view: '7' }), /^view is "7"; it must be a whole number/);
  t.is(
    changed({ messages: [one] }),
    `messages is ["${one.slice(0, 78)}…; it must be two messages, each pairs of lower-case hex digits`,
  );
  t.regex(changed({ messages: [one, two, two] }), /it must be two messages/);
  t.regex(changed({ messages: [one, `${two}0`] }), /each pairs of lower-case hex digits/);
  t.regex(changed({ messages: [one, two.toUpperCase()] }), /each pairs of lower-case hex digits/);
  t.is(changed({ messages: [one, `${two}00`] }), 'message 2 is no vote');
  t.is(changed({ messages: [one.slice(2), two] }), 'message 1 is no vote');
  t.is(changed({ messages: [one, one] }), `both messages are for block ${'a'.repeat(64)}`);
  t.is(changed({ messages: [two, one] }), 'valid', 'their order proves nothing');
  t.regex(changed({ messages: [flipped, two] }), /^vote 1 does not bear the signature/);
  for (const text of ['', '{', '[]', 'null', '"proof"', '7'])
    t.deepEqual(readEvidence(text, EVIDENCE_CLUSTER), { ok: false, detail: 'it is no JSON object' });
});

test('no changed byte of an exported message leaves the proof valid', (t) => {
  for (const proof of [twoVotes(2, 7), twoProposals(3, 9)]) {
    const document = evidenceDocument(proof, EVIDENCE_CLUSTER);
    const [one, two] = document.messages;
    for (let digit = 0; digit < one.length; digit += 1) {
      const other = one[digit] === 'f' ? '0' : 'f';
      const messages = [one.slice(0, digit) + other + one.slice(digit + 1), two];
      if (judge({ ...document, messages }) === 'valid') return t.fail(`digit ${digit} of a message of ${proof.kind}`);
    }
  }
  t.pass();
});
