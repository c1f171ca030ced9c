/**
 * What clients and replicas say to each other as bytes: a byte that tells the type, and the rest.
 * `submit` (one group of command-batch.ts) and `replies` carry every command, and are laid by hand; `attach`,
 * `status`, `log`, `evidence`, `refused` and `leader` are seldom, and made with micro-packed.
 *
 * Replies: client id (16), height (8), count (4), then sequence (8), length (4) and bytes each.
 */
import * as P from 'micro-packed';
import { limits } from '../config/limits.js';
import { bytesToHex, writeHex } from '../crypto/hash.js';
import { asClientId, asHeight, NUMBER_MAX } from '../protocol/numbers.js';
import type {
  BlockSummary,
  ClientAnswer,
  ClientRequest,
  CommandReply,
  RefusalReason,
  ReplicaStatus,
} from './client-messages.js';
import { bodyBytes, decodeBody, writeBody } from './command-batch.js';
import {
  blockHash,
  clientId,
  decodeWhole,
  hash,
  list,
  number,
  oneOf,
  plainBytes,
  replicaId,
  type Schema,
  sizedBytes,
  struct,
  whole,
} from './schema.js';
import { ENTRY_HEADER_BYTES, entryEnd, entryTarget, readSequence, writeEntry } from './sequenced-entries.js';

/** Why bytes are no message between client and replica. */
export type ClientDecodeRefusal = 'empty' | 'unknownType' | 'malformed';

type ClientDecoding<T> =
  | { readonly ok: true; readonly message: T }
  | { readonly ok: false; readonly reason: ClientDecodeRefusal };

type Requests<Type extends ClientRequest['type']> = Extract<ClientRequest, { type: Type }>;
type Answers<Type extends ClientAnswer['type']> = Extract<ClientAnswer, { type: Type }>;

const requestTypes = { submit: 1, status: 2, log: 3, attach: 4, evidence: 5 } as const;
const answerTypes = { replies: 1, refused: 2, leader: 3, status: 4, log: 5, evidence: 6 } as const;

const refusalReasons: readonly RefusalReason[] = ['poolFull', 'invalid', 'tooLarge', 'stopping', 'sequenceTooOld'];

const statusRequest = typed<Omit<Requests<'status'>, 'type'>>(requestTypes.status, { token: number() });

const logRequest = typed<Omit<Requests<'log'>, 'type'>>(requestTypes.log, {
  token: number(),
  fromHeight: number(),
  maxBlocks: P.U32BE,
});

const evidenceRequest = typed<Omit<Requests<'evidence'>, 'type'>>(requestTypes.evidence, {
  token: number(),
  accused: replicaId,
});

const attachRequest = typed<Omit<Requests<'attach'>, 'type'>>(requestTypes.attach, {
  clients: list(clientId, limits.attachedClients),
});

const refusedAnswer = typed<Omit<Answers<'refused'>, 'type'>>(answerTypes.refused, {
  client: clientId,
  reason: oneOf(refusalReasons),
  sequences: list(number(), limits.bodyCommands),
});

const leaderAnswer = typed<Omit<Answers<'leader'>, 'type'>>(answerTypes.leader, { view: number(), leader: replicaId });

const statusAnswer = typed<Omit<Answers<'status'>, 'type'>>(answerTypes.status, {
  token: number(),
  status: struct<ReplicaStatus>({
    id: replicaId,
    view: number(),
    leader: replicaId,
    committedHeight: number(),
    stateHash: hash,
  }),
});

const logAnswer = typed<Omit<Answers<'log'>, 'type'>>(answerTypes.log, {
  token: number(),
  blocks: list(
    struct<BlockSummary>({
      height: number(),
      view: number(),
      hash: blockHash,
      parent: blockHash,
      proposer: replicaId,
      bodyBytes: number(),
      commands: number(),
    }),
    limits.logBlocks,
  ),
  committedHeight: number(),
});

const evidenceAnswer = typed<Omit<Answers<'evidence'>, 'type'>>(answerTypes.evidence, {
  token: number(),
  proofs: list(sizedBytes, limits.proofsPerReplica),
});

function typed<T extends object>(type: number, fields: { readonly [K in keyof T]: Schema<T[K]> }): Schema<T> {
  return whole(Uint8Array.of(type), struct(fields));
}

/** Returns the bytes of a client's request, without frame. */
export function encodeClientRequest(request: ClientRequest): Uint8Array {
  switch (request.type) {
    case 'submit':
      return encodeSubmit(request);
    case 'status':
      return statusRequest.encode(request);
    case 'log':
      return logRequest.encode(request);
    case 'evidence':
      return evidenceRequest.encode(request);
    case 'attach':
      return attachRequest.encode(request);
  }
}

/** Returns the request that a client's bytes encode, or why they are none. Never throws, whatever the bytes. */
export function decodeClientRequest(frame: Uint8Array): ClientDecoding<ClientRequest> {
  const bytes = plainBytes(frame);
  switch (bytes[0]) {
    case undefined:
      return { ok: false, reason: 'empty' };
    case requestTypes.submit:
      return decoded(decodeSubmit(bytes));
    case requestTypes.status:
      return decoded(withType('status', decodeWhole(statusRequest, bytes)));
    case requestTypes.log:
      return decoded(withType('log', decodeWhole(logRequest, bytes)));
    case requestTypes.evidence:
      return decoded(withType('evidence', decodeWhole(evidenceRequest, bytes)));
    case requestTypes.attach:
      return decoded(withType('attach', decodeWhole(attachRequest, bytes)));
    default:
      return { ok: false, reason: 'unknownType' };
  }
}

/** Returns the bytes of a replica's answer, without frame. */
export function encodeClientAnswer(answer: ClientAnswer): Uint8Array {
  switch (answer.type) {
    case 'replies':
      return encodeReplies(answer);
    case 'refused':
      return refusedAnswer.encode(answer);
    case 'leader':
      return leaderAnswer.encode(answer);
    case 'status':
      return statusAnswer.encode(answer);
    case 'log':
      return logAnswer.encode(answer);
    case 'evidence':
      return evidenceAnswer.encode(answer);
  }
}

/** Returns the answer that a replica's bytes encode, or why they are none. Never throws, whatever the bytes. */
export function decodeClientAnswer(frame: Uint8Array): ClientDecoding<ClientAnswer> {
  const bytes = plainBytes(frame);
  switch (bytes[0]) {
    case undefined:
      return { ok: false, reason: 'empty' };
    case answerTypes.replies:
      return decoded(decodeReplies(bytes));
    case answerTypes.refused:
      return decoded(withType('refused', decodeWhole(refusedAnswer, bytes)));
    case answerTypes.leader:
      return decoded(withType('leader', decodeWhole(leaderAnswer, bytes)));
    case answerTypes.status:
      return decoded(withType('status', decodeWhole(statusAnswer, bytes)));
    case answerTypes.log:
      return decoded(withType('log', decodeWhole(logAnswer, bytes)));
    case answerTypes.evidence:
      return decoded(withType('evidence', decodeWhole(evidenceAnswer, bytes)));
    default:
      return { ok: false, reason: 'unknownType' };
  }
}

function withType<Type extends string, T extends object>(type: Type, value: T | null): ({ type: Type } & T) | null {
  return value === null ? null : { type, ...value };
}

function decoded<T>(message: T | null): ClientDecoding<T> {
  return message === null ? { ok: false, reason: 'malformed' } : { ok: true, message };
}

function encodeSubmit(request: Requests<'submit'>): Uint8Array {
  const batches = [request];
  const bytes = new Uint8Array(1 + bodyBytes(batches));
  bytes[0] = requestTypes.submit;
  writeBody(batches, bytes.subarray(1));
  return bytes;
}

function decodeSubmit(bytes: Uint8Array): Requests<'submit'> | null {
  const batches = decodeBody(bytes.subarray(1));
  const batch = batches?.[0];
  if (batch === undefined || batches?.length !== 1) return null;
  return { type: 'submit', client: batch.client, commands: batch.commands };
}

const REPLIES_CLIENT = 1;
const REPLIES_HEIGHT = 17;
const REPLIES_COUNT = 25;
const REPLIES_ENTRIES = 29;

function encodeReplies({ client, height, replies }: Answers<'replies'>): Uint8Array {
  let length = REPLIES_ENTRIES;
  for (const { reply } of replies) length += ENTRY_HEADER_BYTES + reply.length;
  const bytes = new Uint8Array(length);
  const target = entryTarget(bytes);
  const { view } = target;
  bytes[0] = answerTypes.replies;
  writeHex(client, bytes, REPLIES_CLIENT);
  view.setUint32(REPLIES_HEIGHT, Math.floor(height / 2 ** 32));
  view.setUint32(REPLIES_HEIGHT + 4, height % 2 ** 32);
  view.setUint32(REPLIES_COUNT, replies.length);
  let offset = REPLIES_ENTRIES;
  for (const { sequence, reply } of replies) offset = writeEntry(target, offset, sequence, reply);
  return bytes;
}

const NO_REPLY: Uint8Array = new Uint8Array(0);
/** Longer replies are not compared: they have a view each. */
const COMPARED_BYTES = 16;

/** Whether a short reply stands in `bytes` from `start` to `end`. */
function isAt(bytes: Uint8Array, start: number, end: number, reply: Uint8Array): boolean {
  if (end - start !== reply.length || reply.length > COMPARED_BYTES) return false;
  for (let index = 0; index < reply.length; index += 1) if (bytes[start + index] !== reply[index]) return false;
  return true;
}

function decodeReplies(bytes: Uint8Array): Answers<'replies'> | null {
  if (bytes.length < REPLIES_ENTRIES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const height = view.getUint32(REPLIES_HEIGHT) * 2 ** 32 + view.getUint32(REPLIES_HEIGHT + 4);
  if (height > NUMBER_MAX) return null;
  const count = view.getUint32(REPLIES_COUNT);
  if (count > limits.bodyCommands) return null;
  const replies: CommandReply[] = [];
  let offset = REPLIES_ENTRIES;
  let reply: Uint8Array = NO_REPLY;
  for (let index = 0; index < count; index++) {
    const end = entryEnd(view, offset);
    if (end === 0) return null;
    const start = offset + ENTRY_HEADER_BYTES;
    // Most replies are like the one before, and share its view: a view of its own costs as much as all the rest.
    if (!isAt(bytes, start, end, reply)) reply = bytes.subarray(start, end);
    replies.push({ sequence: readSequence(view, offset), reply });
    offset = end;
  }
  if (offset !== bytes.length) return null;
  const client = asClientId(bytesToHex(bytes.subarray(REPLIES_CLIENT, REPLIES_HEIGHT)));
  return { type: 'replies', client, height: asHeight(height), replies };
}
