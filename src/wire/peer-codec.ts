/**
 * What replicas say to each other as bytes: a byte that tells the message's type, and its schema.
 * `commands` is a body as in command-batch.ts, the others are made with micro-packed: votes are one a block, so that
 * 3 µs for one do not matter.
 */
import * as P from 'micro-packed';
import { limits } from '../config/limits.js';
import { hashBodies } from '../crypto/heavy-tasks.js';
import type { Block, Certificates, Proposal, Timeout, Vote } from '../protocol/types.js';
import { type BlockBytes, blockBytes, toBlockBytes, type UnhashedBlock, unhashedBlock, withBody } from './block.js';
import { quorumCertificate, timeoutCertificate } from './certificate-schema.js';
import { bodyBytes, decodeBody, writeBody } from './command-batch.js';
import type { CommandBatch, FetchAnswer, FetchRequest, PeerMessage } from './peer-messages.js';
import {
  blockHash,
  decodeWhole,
  list,
  NO_HEAD,
  nullable,
  number,
  plainBytes,
  replicaId,
  type Schema,
  signature,
  struct,
  whole,
} from './schema.js';

/** Why bytes from a peer are no message. */
export type PeerDecodeRefusal = 'empty' | 'unknownType' | 'malformed' | 'malformedBlock';

/** What a peer's bytes are. */
export type PeerDecoding =
  | { readonly ok: true; readonly message: PeerMessage }
  | { readonly ok: false; readonly reason: PeerDecodeRefusal };

/** A message that is whole but for the hashes of its bodies; they may be worked out elsewhere. */
export interface UnhashedMessage {
  readonly type: 'unhashed';
  readonly of: 'proposal' | 'fetchAnswer';
  /** The bodies of its blocks, in their order: views into the frame, which nothing else of the message is. */
  readonly bodies: readonly Uint8Array[];
  /** The message, given its bodies, here or as they came back, and their hashes. */
  readonly complete: (bodies: readonly Uint8Array[], hashes: readonly string[]) => PeerDecoding;
}

/** What a peer's bytes are, as far as it can be told without hashing large bodies. */
export type PeerReading = PeerDecoding | { readonly ok: true; readonly message: UnhashedMessage };

type ProposalBytes = Omit<Proposal, 'block'> & { readonly block: BlockBytes };
type FetchAnswerBytes = Omit<FetchAnswer, 'blocks'> & { readonly blocks: readonly BlockBytes[] };

const typeBytes = {
  proposal: 1,
  vote: 2,
  timeout: 3,
  certificates: 4,
  fetchRange: 5,
  fetchBranch: 6,
  fetchAnswer: 7,
  commands: 8,
} as const;

const proposalSchema = typed<ProposalBytes>(typeBytes.proposal, {
  block: blockBytes,
  signature,
  tc: nullable(timeoutCertificate),
});

const voteSchema = typed<Vote>(typeBytes.vote, { signer: replicaId, signature, view: number(), block: blockHash });

const timeoutSchema = typed<Timeout>(typeBytes.timeout, {
  signer: replicaId,
  signature,
  tenure: number(),
  highQcView: number(),
  highQc: quorumCertificate,
});

const certificatesSchema = typed<Certificates>(typeBytes.certificates, {
  highQc: quorumCertificate,
  tc: nullable(timeoutCertificate),
});

const rangeSchema = typed<Omit<FetchRequest & { kind: 'range' }, 'kind'>>(typeBytes.fetchRange, {
  token: number(),
  fromHeight: number(),
  maxBlocks: P.U32BE,
});

const branchSchema = typed<Omit<FetchRequest & { kind: 'branch' }, 'kind'>>(typeBytes.fetchBranch, {
  token: number(),
  tip: blockHash,
  aboveHeight: number(),
  maxBlocks: P.U32BE,
});

const answerSchema = typed<FetchAnswerBytes>(typeBytes.fetchAnswer, {
  token: number(),
  blocks: list(blockBytes, limits.fetchBlocks),
  certificate: nullable(quorumCertificate),
  committedHeight: number(),
});

/** The first field of an answer. */
const TOKEN_BYTES = 8;
const tokenSchema = whole(NO_HEAD, number());

function typed<T extends object>(type: number, fields: { readonly [K in keyof T]: Schema<T[K]> }): Schema<T> {
  return whole(Uint8Array.of(type), struct(fields));
}

/** Returns the bytes of a message, without frame. */
export function encodePeerMessage(message: PeerMessage): Uint8Array {
  switch (message.type) {
    case 'proposal':
      return proposalSchema.encode({ ...message.proposal, block: toBlockBytes(message.proposal.block) });
    case 'vote':
      return voteSchema.encode(message.vote);
    case 'timeout':
      return timeoutSchema.encode(message.timeout);
    case 'certificates':
      return certificatesSchema.encode(message.certificates);
    case 'fetchRequest':
      return message.request.kind === 'range'
        ? rangeSchema.encode(message.request)
        : branchSchema.encode(message.request);
    case 'fetchAnswer':
      return answerSchema.encode({ ...message.answer, blocks: message.answer.blocks.map(toBlockBytes) });
    case 'commands':
      return encodeCommands(message.batches);
  }
}

/** Where the first block stands in a proposal, and in an answer: behind its token and the number of blocks. */
const PROPOSAL_BLOCK_AT = 1;
const ANSWER_BLOCKS_AT = 1 + 8 + 4;
const LENGTH_BYTES = 4;
const NO_BODY = new Uint8Array(0);

/**
 * Returns the bytes that {@link encodePeerMessage} returns, in parts that follow each other. Where the bodies together are
 * longer than a fragment they are parts of their own, the very arrays of the blocks: nothing large is copied.
 */
export function peerMessageParts(message: PeerMessage): readonly Uint8Array[] {
  if (message.type === 'proposal') {
    const { block } = message.proposal;
    if (isLong([block])) {
      const bytes = encodePeerMessage({ ...message, proposal: { ...message.proposal, block: bodiless(block) } });
      return withBodies(bytes, PROPOSAL_BLOCK_AT, [block]);
    }
  } else if (message.type === 'fetchAnswer') {
    const { blocks } = message.answer;
    if (isLong(blocks)) {
      const bytes = encodePeerMessage({ ...message, answer: { ...message.answer, blocks: blocks.map(bodiless) } });
      return withBodies(bytes, ANSWER_BLOCKS_AT, blocks);
    }
  }
  return [encodePeerMessage(message)];
}

const isLong = (blocks: readonly Block[]) =>
  blocks.reduce((sum, { body }) => sum + body.length, 0) > limits.fragmentBytes;
const bodiless = (block: Block): Block => ({ ...block, body: NO_BODY });

/** Puts each body behind its length, into bytes that have none: of each block the header, behind its length, and a length of 0. */
function withBodies(bytes: Uint8Array, blocksAt: number, blocks: readonly Block[]): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  let from = 0;
  let at = blocksAt;
  for (const { body } of blocks) {
    at += LENGTH_BYTES + view.getUint32(at);
    view.setUint32(at, body.length);
    at += LENGTH_BYTES;
    parts.push(bytes.subarray(from, at), body);
    from = at;
  }
  return [...parts, bytes.subarray(from)];
}

function encodeCommands(batches: readonly CommandBatch[]): Uint8Array {
  const bytes = new Uint8Array(1 + bodyBytes(batches));
  bytes[0] = typeBytes.commands;
  writeBody(batches, bytes.subarray(1));
  return bytes;
}

/** Returns the message that a peer's bytes encode, or why they are none. Never throws, whatever the bytes. */
export function decodePeerMessage(clusterId: string, frame: Uint8Array): PeerDecoding {
  return readPeerMessage(clusterId, frame, Number.POSITIVE_INFINITY) as PeerDecoding;
}

/** Returns which request the bytes answer, with no look at the rest of them; null where they are no fetch answer. */
export function answeredToken(frame: Uint8Array): number | null {
  if (frame[0] !== typeBytes.fetchAnswer) return null;
  return decodeWhole(tokenSchema, frame.subarray(1, 1 + TOKEN_BYTES));
}

/** Whether the bytes say to be a proposal, vote, Timeout or certificates, with no look at the rest of them. */
export function isConsensusMessage(frame: Uint8Array): boolean {
  const { proposal, vote, timeout, certificates } = typeBytes;
  return [proposal, vote, timeout, certificates].some((type) => type === frame[0]);
}

/** As {@link decodePeerMessage}, but that bodies of `unhashedFrom` bytes together and more are left to be hashed. */
export function readPeerMessage(clusterId: string, frame: Uint8Array, unhashedFrom: number): PeerReading {
  const bytes = plainBytes(frame);
  switch (bytes[0]) {
    case undefined:
      return refused('empty');
    case typeBytes.proposal:
      return readProposal(clusterId, bytes, unhashedFrom);
    case typeBytes.vote:
      return decoded(decodeWhole(voteSchema, bytes), (vote) => ({ type: 'vote', vote }));
    case typeBytes.timeout:
      return decoded(decodeWhole(timeoutSchema, bytes), (timeout) => ({ type: 'timeout', timeout }));
    case typeBytes.certificates:
      return decoded(decodeWhole(certificatesSchema, bytes), asCertificates);
    case typeBytes.fetchRange:
      return decoded(decodeWhole(rangeSchema, bytes), (range) => asFetchRequest({ kind: 'range', ...range }));
    case typeBytes.fetchBranch:
      return decoded(decodeWhole(branchSchema, bytes), (branch) => asFetchRequest({ kind: 'branch', ...branch }));
    case typeBytes.fetchAnswer:
      return readFetchAnswer(clusterId, bytes, unhashedFrom);
    case typeBytes.commands:
      return decoded(decodeBody(bytes.subarray(1)), (batches) => ({ type: 'commands', batches }));
    default:
      return refused('unknownType');
  }
}

const asCertificates = (certificates: Certificates): PeerMessage => ({ type: 'certificates', certificates });
const asFetchRequest = (request: FetchRequest): PeerMessage => ({ type: 'fetchRequest', request });

function readProposal(clusterId: string, bytes: Uint8Array, unhashedFrom: number): PeerReading {
  const parts = decodeWhole(proposalSchema, bytes);
  if (parts === null) return refused('malformed');
  const { signature, tc } = parts;
  return withBlocks(clusterId, [parts.block], unhashedFrom, 'proposal', ([block]) => ({
    type: 'proposal',
    proposal: { block: block as Block, signature, tc },
  }));
}

function readFetchAnswer(clusterId: string, bytes: Uint8Array, unhashedFrom: number): PeerReading {
  const parts = decodeWhole(answerSchema, bytes);
  if (parts === null) return refused('malformed');
  const { blocks: all, ...rest } = parts;
  return withBlocks(clusterId, all, unhashedFrom, 'fetchAnswer', (blocks) => ({
    type: 'fetchAnswer',
    answer: { ...rest, blocks },
  }));
}

function withBlocks(
  clusterId: string,
  all: readonly BlockBytes[],
  unhashedFrom: number,
  of: UnhashedMessage['of'],
  toMessage: (blocks: readonly Block[]) => PeerMessage,
): PeerReading {
  const unhashed: UnhashedBlock[] = [];
  let bodyBytes = 0;
  for (const { header, body } of all) {
    const block = unhashedBlock(clusterId, header);
    if (block === null) return refused('malformedBlock');
    unhashed.push(block);
    bodyBytes += body.length;
  }
  const complete: UnhashedMessage['complete'] = (bodies, hashes) => {
    const blocks: Block[] = [];
    for (const [index, block] of unhashed.entries()) {
      const hashed = withBody(block, bodies[index] as Uint8Array, hashes[index] as string);
      if (hashed === null) return refused('malformedBlock');
      blocks.push(hashed);
    }
    return { ok: true, message: toMessage(blocks) };
  };
  const bodies = all.map(({ body }) => body);
  if (bodyBytes >= unhashedFrom) return { ok: true, message: { type: 'unhashed', of, bodies, complete } };
  return complete(bodies, hashBodies({ bodies }).hashes);
}

function decoded<T>(value: T | null, toMessage: (value: T) => PeerMessage): PeerDecoding {
  return value === null ? refused('malformed') : { ok: true, message: toMessage(value) };
}

function refused(reason: PeerDecodeRefusal): PeerDecoding {
  return { ok: false, reason };
}
