/**
 * The session table's bytes: what is hashed of a client's recent commands, and what a snapshot holds of a client.
 * Both are replicated state, so each value has one encoding.
 */
import * as P from 'micro-packed';
import { limits } from '../config/limits.js';
import type { ClientId, Height, Sequence } from '../protocol/numbers.js';
import { clientId, decodeWhole, list, NO_HEAD, number, type Schema, struct, whole } from './schema.js';

/** What a command came to: the machine's reply, `invalid`, or `forgotten` when its reply took too much space. */
export type Outcome = Uint8Array | 'invalid' | 'forgotten';

/** A command that ran, or was found invalid, in the block at `height`. */
export interface SessionEntry {
  readonly sequence: Sequence;
  readonly height: Height;
  readonly outcome: Outcome;
}

/** All that is remembered of one client. */
export interface SessionRecord {
  readonly client: ClientId;
  /** Its place in the table. */
  readonly place: number;
  /** Larger for a client that ran something later. */
  readonly activity: number;
  readonly highest: number;
  /** Replies to sequences below are not held. */
  readonly heldFrom: number;
  /** In ascending order of sequence. */
  readonly entries: readonly SessionEntry[];
}

const ENTRY_HEAD_BYTES = 8 + 8 + 1 + 4;
const KINDS = ['reply', 'invalid', 'forgotten'] as const;
const WORD = 2 ** 32;
const NO_BYTES = new Uint8Array(0);

/** Returns entries one after the other: sequence (8), height (8), kind (1), length (4), reply. By hand: it is hashed. */
export function encodeEntries(entries: readonly SessionEntry[]): Uint8Array {
  let length = 0;
  for (const { outcome } of entries) length += ENTRY_HEAD_BYTES + replyOf(outcome).length;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const { sequence, height, outcome } of entries) {
    const reply = replyOf(outcome);
    setNumber(view, offset, sequence);
    setNumber(view, offset + 8, height);
    view.setUint8(offset + 16, KINDS.indexOf(kindOf(outcome)));
    view.setUint32(offset + 17, reply.length);
    bytes.set(reply, offset + ENTRY_HEAD_BYTES);
    offset += ENTRY_HEAD_BYTES + reply.length;
  }
  return bytes;
}

/** Returns numbers as 8 bytes each. */
export function encodeNumbers(...numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(numbers.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of numbers.entries()) setNumber(view, index * 8, value);
  return bytes;
}

const outcome: Schema<Outcome> = P.wrap<Outcome>({
  encodeStream: (writer, value) => {
    writer.byte(KINDS.indexOf(kindOf(value)));
    if (value instanceof Uint8Array) P.bytes(P.U32BE).encodeStream(writer, value);
  },
  decodeStream: (reader) => {
    const kind = KINDS[reader.byte()];
    if (kind === undefined) throw reader.err('unknown outcome');
    return kind === 'reply' ? P.bytes(P.U32BE).decodeStream(reader).slice() : kind;
  },
});

const record: Schema<SessionRecord> = struct<SessionRecord>({
  client: clientId,
  place: P.U32BE,
  activity: number<number>(),
  highest: number<number>(),
  heldFrom: number<number>(),
  entries: list(
    struct<SessionEntry>({ sequence: number<Sequence>(), height: number<Height>(), outcome }),
    limits.sessionWindow,
  ),
});
const records = whole(NO_HEAD, list(record, limits.sessions));

/** Returns sessions as one chunk of a snapshot. */
export function encodeSessions(sessions: readonly SessionRecord[]): Uint8Array {
  return records.encode(sessions);
}

/** Returns the sessions of a chunk, or null when it is none. */
export function decodeSessions(bytes: Uint8Array): readonly SessionRecord[] | null {
  return decodeWhole(records, bytes);
}

function kindOf(value: Outcome): (typeof KINDS)[number] {
  return value instanceof Uint8Array ? 'reply' : value;
}

function replyOf(value: Outcome): Uint8Array {
  return value instanceof Uint8Array ? value : NO_BYTES;
}

function setNumber(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, Math.floor(value / WORD));
  view.setUint32(offset + 4, value % WORD);
}
