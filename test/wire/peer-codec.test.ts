import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../src/config/limits.js';
import { concatBytes, equalBytes } from '../../src/crypto/hash.js';
import { asBlockHash, asHeight, asReplicaId, asView } from '../../src/protocol/numbers.js';
import type { QuorumCertificate } from '../../src/protocol/types.js';
import { genesisBlock, makeBlock } from '../../src/wire/block.js';
import { answeredToken, decodePeerMessage, encodePeerMessage, peerMessageParts } from '../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { assertCanonical, assertRobust, patched, type TestedCodec } from '../support/codecs.js';
import { CLUSTER_ID, peerMessage } from '../support/wire-arbitraries.js';

const codec: TestedCodec<PeerMessage> = {
  encode: encodePeerMessage,
  decode: (bytes) => {
    const decoding = decodePeerMessage(CLUSTER_ID, bytes);
    return decoding.ok ? decoding.message : null;
  },
};

const signature = (fill: number) => new Uint8Array(64).fill(fill);
const qc: QuorumCertificate = {
  view: asView(7),
  block: asBlockHash('ab'.repeat(32)),
  signatures: [0, 2].map((signer) => ({ signer: asReplicaId(signer), signature: signature(signer) })),
};
const certificates = encodePeerMessage({ type: 'certificates', certificates: { highQc: qc, tc: null } });
const VIEW = 1;
const COUNT = VIEW + 8 + 32;
const SIGNER_1 = COUNT + 4 + 3;
const SIGNER_2 = SIGNER_1 + 68;

function refusal(bytes: Uint8Array) {
  const decoding = decodePeerMessage(CLUSTER_ID, bytes);
  return decoding.ok ? null : decoding.reason;
}

/** The bytes of a proposal whose block follows genesis, with `body` at their end but for signature and flag. */
function proposalWith(body: Uint8Array) {
  const block = makeBlock(CLUSTER_ID, genesisBlock(CLUSTER_ID).header, body);
  const bytes = encodePeerMessage({ type: 'proposal', proposal: { block, signature: signature(1), tc: null } });
  return { block, bytes, bodyOffset: bytes.length - 1 - 64 - body.length };
}

function decodeProposal(bytes: Uint8Array, clusterId = CLUSTER_ID) {
  const decoding = decodePeerMessage(clusterId, bytes);
  if (!decoding.ok || decoding.message.type !== 'proposal') throw new Error('expected a proposal');
  return decoding.message.proposal;
}

test('every message between replicas comes back whole, and no change of its bytes makes a second encoding', (t) => {
  fc.assert(
    fc.property(peerMessage, (message) => assertRobust(t, codec, message)),
    { numRuns: 15 },
  );
});

test('the token of a fetch answer, and of nothing else, is told without the rest of it', (t) => {
  fc.assert(
    fc.property(peerMessage, (message) => {
      const bytes = encodePeerMessage(message);
      const token = message.type === 'fetchAnswer' ? message.answer.token : null;
      t.deepEqual([answeredToken(bytes), answeredToken(bytes.subarray(0, 9))], [token, token]);
      t.is(answeredToken(bytes.subarray(0, 8)), null);
    }),
  );
});

test('random bytes behind any type byte never throw', (t) => {
  const bytes = fc.tuple(fc.nat({ max: 10 }), fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(bytes, ([type, rest]) => assertCanonical(t, codec, Uint8Array.of(type, ...rest))),
    { numRuns: 2000 },
  );
  t.is(refusal(new Uint8Array(0)), 'empty');
  t.is(refusal(Uint8Array.of(0)), 'unknownType');
  t.is(refusal(Uint8Array.of(9)), 'unknownType');
});

test('every strict prefix of a certificate message is refused, and so is a byte more', (t) => {
  for (let length = 1; length < certificates.length; length++) {
    t.is(refusal(certificates.slice(0, length)), 'malformed');
  }
  t.is(refusal(certificates), null);
  t.is(refusal(Uint8Array.of(...certificates, 0)), 'malformed');
});

test('signers that repeat or descend are refused', (t) => {
  t.is(certificates[SIGNER_2], 2);
  t.is(refusal(patched(certificates, SIGNER_2, 1)), null);
  t.is(refusal(patched(certificates, SIGNER_2, 0)), 'malformed');
  t.is(refusal(patched(certificates, SIGNER_1, 3)), 'malformed');
});

test('a view is refused above NUMBER_MAX and taken at it', (t) => {
  // NUMBER_MAX, 2^53 − 1 − 2^20, is 001fffff ffefffff.
  t.is(refusal(patched(certificates, VIEW, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xef, 0xff, 0xff)), null);
  t.is(refusal(patched(certificates, VIEW, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xf0, 0x00, 0x00)), 'malformed');
  t.is(refusal(patched(certificates, VIEW, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00)), 'malformed');
  t.is(refusal(patched(certificates, VIEW, ...new Array(8).fill(0xff))), 'malformed');
});

test('a count larger than the data is refused without making room for it', (t) => {
  const claims = [
    [0, 0, 0, 3],
    [0x7f, 0xff, 0xff, 0xff],
    [0x80, 0, 0, 0],
    [0xff, 0xff, 0xff, 0xff],
  ];
  for (const claim of claims) {
    const before = process.memoryUsage().heapUsed;
    t.is(refusal(patched(certificates, COUNT, ...claim)), 'malformed');
    t.true(process.memoryUsage().heapUsed - before < 2 ** 20);
  }
});

test('an answer or certificate with more entries than the bound is refused, however small they are', (t) => {
  const { block } = proposalWith(new Uint8Array(0));
  const answer = { token: 1, certificate: null, committedHeight: asHeight(1) };
  const blocks = new Array(limits.fetchBlocks).fill(block);
  const bytes = encodePeerMessage({ type: 'fetchAnswer', answer: { ...answer, blocks } });
  t.is(refusal(bytes), null);
  t.throws(() => encodePeerMessage({ type: 'fetchAnswer', answer: { ...answer, blocks: [...blocks, block] } }));
  // A frame of empty entries: eight zeroes are a block without header and body, which takes 50 times that in memory.
  const flood = new Uint8Array(8 * 2 ** 20);
  flood.set(bytes.slice(0, 1 + 8));
  flood.set([0, 0x0f, 0xff, 0xff], 1 + 8);
  const before = process.memoryUsage().heapUsed;
  t.is(refusal(flood), 'malformed');
  t.true(process.memoryUsage().heapUsed - before < flood.length);
});

test('a frame full of bytes after the end costs no more memory than the frame', (t) => {
  const frame = new Uint8Array(8 * 2 ** 20);
  frame.set(certificates);
  const before = process.memoryUsage().heapUsed;
  t.is(refusal(frame), 'malformed');
  t.true(process.memoryUsage().heapUsed - before < frame.length);
});

test('a flag that is neither 0 nor 1 is refused', (t) => {
  t.is(certificates.at(-1), 0);
  t.is(refusal(patched(certificates, certificates.length - 1, 2)), 'malformed');
});

test('a proposal whose body is not the one that its header names is refused', (t) => {
  const { bytes, bodyOffset } = proposalWith(Uint8Array.of(1, 2, 3));
  t.deepEqual([...bytes.slice(bodyOffset, bodyOffset + 3)], [1, 2, 3]);
  t.is(refusal(bytes), null);
  t.is(refusal(patched(bytes, bodyOffset, 9)), 'malformedBlock');
});

test('a block bears the hash that the decoding cluster gives it, so that a foreign one is another block', (t) => {
  const { block, bytes } = proposalWith(new Uint8Array(0));
  t.is(decodeProposal(bytes).block.hash, block.hash);
  t.not(decodeProposal(bytes, 'd2'.repeat(32)).block.hash, block.hash);
});

test('what is decoded from a Buffer is plain Uint8Arrays that do not keep the frame', (t) => {
  const { bytes } = proposalWith(Uint8Array.of(1, 2, 3));
  const proposal = decodeProposal(Buffer.from(bytes));
  t.is(proposal.signature.constructor, Uint8Array);
  t.is(proposal.block.body.constructor, Uint8Array);
  t.is(proposal.signature.buffer.byteLength, 64);
  t.is(proposal.block.body.buffer.byteLength, 3);
});

test('a large body is a view into its frame, since it makes up most of it', (t) => {
  const { bytes } = proposalWith(new Uint8Array(10_000));
  t.is(decodeProposal(bytes).block.body.buffer, bytes.buffer);
});

test('the parts of a message are its bytes, and a long body is a part as it is', (t) => {
  const { fragmentBytes } = limits;
  const blockOf = (bytes: number) =>
    makeBlock(CLUSTER_ID, genesisBlock(CLUSTER_ID).header, new Uint8Array(bytes).fill(bytes));
  const proposalOf = (bytes: number): PeerMessage => {
    return { type: 'proposal', proposal: { block: blockOf(bytes), signature: signature(1), tc: null } };
  };
  const answerOf = (...lengths: readonly number[]): PeerMessage => {
    return {
      type: 'fetchAnswer',
      answer: { token: 5, blocks: lengths.map(blockOf), certificate: qc, committedHeight: asHeight(9) },
    };
  };
  const messages: readonly (readonly [PeerMessage, number])[] = [
    [proposalOf(fragmentBytes), 1],
    [proposalOf(fragmentBytes + 1), 3],
    [answerOf(0, fragmentBytes), 1],
    [answerOf(3, 0, fragmentBytes), 7],
    [{ type: 'certificates', certificates: { highQc: qc, tc: null } }, 1],
  ];
  for (const [message, count] of messages) {
    const parts = peerMessageParts(message);
    t.is(parts.length, count);
    t.true(equalBytes(concatBytes(...parts), encodePeerMessage(message)));
  }
  const { proposal } = proposalOf(fragmentBytes + 1) as Extract<PeerMessage, { type: 'proposal' }>;
  t.is(peerMessageParts({ type: 'proposal', proposal })[1], proposal.block.body);
});
