/** Arbitrary values of everything that travels, for round trips and mutations. */
import fc from 'fast-check';
import { bytesToHex } from '../../src/crypto/hash.js';
import type { Equivocation, SignedHeader } from '../../src/protocol/evidence.js';
import {
  asBlockHash,
  asClientId,
  asHeight,
  asReplicaId,
  asSequence,
  asTenure,
  asView,
  NUMBER_MAX,
} from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate, SafetyRecord, TimeoutCertificate, Vote } from '../../src/protocol/types.js';
import { makeBlock } from '../../src/wire/block.js';
import type { ClientAnswer, ClientRequest } from '../../src/wire/client-messages.js';
import type { CommandBatch, PeerMessage } from '../../src/wire/peer-messages.js';

export const CLUSTER_ID = 'c1'.repeat(32);

const bytes = (max: number) => fc.uint8Array({ maxLength: max });
const hex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex);
/** Small numbers, large ones, and both sides of each 32-bit border. */
const number = fc.oneof(
  fc.nat({ max: 1000 }),
  fc.maxSafeNat().map((value) => Math.min(value, NUMBER_MAX)),
  fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, NUMBER_MAX),
);

const view = number.map(asView);
const height = number.map(asHeight);
const tenure = number.map(asTenure);
const sequence = number.map((value) => asSequence(Math.max(1, value)));
const replica = fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(0, 2 ** 32 - 1)).map(asReplicaId);
const blockHash = hex(32).map(asBlockHash);
export const clientId = hex(16).map(asClientId);
const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });

const signers = <T>(rest: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(replica, { maxLength: 5 })
    .chain((ids) => fc.tuple(...ids.sort((a, b) => a - b).map((signer) => rest.map((more) => ({ ...more, signer })))));

export const quorumCertificate: fc.Arbitrary<QuorumCertificate> = fc.record({
  view,
  block: blockHash,
  signatures: signers(fc.record({ signature })),
});

export const timeoutCertificate: fc.Arbitrary<TimeoutCertificate> = fc.record({
  tenure,
  timeouts: signers(fc.record({ signature, tenure, highQcView: view })),
  highQc: quorumCertificate,
});

export const block: fc.Arbitrary<Block> = fc
  .tuple(
    fc.record({ height, view, parent: blockHash, justify: quorumCertificate, proposer: replica }),
    fc.oneof(fc.constant(new Uint8Array(0)), bytes(200)),
  )
  .map(([header, body]) => makeBlock(CLUSTER_ID, header, body));

const seat = fc.record({ replica, view });

/** Of any block and any signature: it comes back whole, and proves nothing. */
export const equivocation: fc.Arbitrary<Equivocation> = fc.oneof(
  fc.tuple(seat, fc.tuple(blockHash, signature), fc.tuple(blockHash, signature)).map(([accused, ...votes]) => {
    const [first, second] = votes.map(([hash, bytes]) => {
      return { signer: accused.replica, view: accused.view, block: hash, signature: bytes };
    }) as [Vote, Vote];
    return { kind: 'votes' as const, ...accused, messages: [first, second] as const };
  }),
  fc.tuple(seat, fc.tuple(block, signature), fc.tuple(block, signature)).map(([accused, ...proposals]) => {
    const [first, second] = proposals.map(([{ hash, header }, bytes]) => ({ hash, header, signature: bytes })) as [
      SignedHeader,
      SignedHeader,
    ];
    return { kind: 'proposals' as const, ...accused, messages: [first, second] as const };
  }),
);

export const batches: fc.Arbitrary<readonly CommandBatch[]> = fc.array(
  fc.record({
    client: clientId,
    commands: fc.array(fc.record({ sequence, bytes: bytes(40) }), { minLength: 1, maxLength: 6 }),
  }),
  { maxLength: 5 },
);

const nullable = <T>(inner: fc.Arbitrary<T>) => fc.option(inner, { nil: null });
const count = fc.nat({ max: 2 ** 32 - 1 });

export const peerMessage: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('proposal' as const),
    proposal: fc.record({ block, signature, tc: nullable(timeoutCertificate) }),
  }),
  fc.record({
    type: fc.constant('vote' as const),
    vote: fc.record({ signer: replica, signature, view, block: blockHash }),
  }),
  fc.record({
    type: fc.constant('timeout' as const),
    timeout: fc.record({ signer: replica, signature, tenure, highQcView: view, highQc: quorumCertificate }),
  }),
  fc.record({
    type: fc.constant('certificates' as const),
    certificates: fc.record({ highQc: quorumCertificate, tc: nullable(timeoutCertificate) }),
  }),
  fc.record({
    type: fc.constant('fetchRequest' as const),
    request: fc.oneof(
      fc.record({ kind: fc.constant('range' as const), token: number, fromHeight: height, maxBlocks: count }),
      fc.record({
        kind: fc.constant('branch' as const),
        token: number,
        tip: blockHash,
        aboveHeight: height,
        maxBlocks: count,
      }),
    ),
  }),
  fc.record({
    type: fc.constant('fetchAnswer' as const),
    answer: fc.record({
      token: number,
      blocks: fc.array(block, { maxLength: 3 }),
      certificate: nullable(quorumCertificate),
      committedHeight: height,
    }),
  }),
  fc.record({ type: fc.constant('commands' as const), batches }),
);

export const clientRequest: fc.Arbitrary<ClientRequest> = fc.oneof(
  fc.record({ type: fc.constant('attach' as const), clients: fc.array(clientId, { maxLength: 5 }) }),
  fc.record({
    type: fc.constant('submit' as const),
    client: clientId,
    commands: fc.array(fc.record({ sequence, bytes: bytes(40) }), { minLength: 1, maxLength: 6 }),
  }),
  fc.record({ type: fc.constant('status' as const), token: number }),
  fc.record({ type: fc.constant('log' as const), token: number, fromHeight: height, maxBlocks: count }),
  fc.record({ type: fc.constant('evidence' as const), token: number, accused: replica }),
);

export const clientAnswer: fc.Arbitrary<ClientAnswer> = fc.oneof(
  fc.record({
    type: fc.constant('replies' as const),
    client: clientId,
    height,
    replies: fc.array(fc.record({ sequence, reply: bytes(40) }), { maxLength: 6 }),
  }),
  fc.record({
    type: fc.constant('refused' as const),
    client: clientId,
    reason: fc.constantFrom('poolFull', 'invalid', 'tooLarge', 'stopping', 'sequenceTooOld'),
    sequences: fc.array(sequence, { maxLength: 6 }),
  }),
  fc.record({ type: fc.constant('leader' as const), view, leader: replica }),
  fc.record({ type: fc.constant('evidence' as const), token: number, proofs: fc.array(bytes(40), { maxLength: 16 }) }),
  fc.record({
    type: fc.constant('status' as const),
    token: number,
    status: fc.record({ id: replica, view, leader: replica, committedHeight: height, stateHash: hex(32) }),
  }),
  fc.record({
    type: fc.constant('log' as const),
    token: number,
    blocks: fc.array(
      fc.record({
        height,
        view,
        hash: blockHash,
        parent: blockHash,
        proposer: replica,
        bodyBytes: number,
        commands: number,
      }),
      { maxLength: 3 },
    ),
    committedHeight: height,
  }),
);

export const safetyRecord: fc.Arbitrary<SafetyRecord> = fc.record({
  number,
  bound: view,
  highQc: quorumCertificate,
  entry: nullable(
    fc.oneof(
      fc.record({ kind: fc.constant('qc' as const), qc: quorumCertificate }),
      fc.record({ kind: fc.constant('tc' as const), tc: timeoutCertificate }),
    ),
  ),
});
