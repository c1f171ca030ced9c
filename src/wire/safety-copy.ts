/**
 * One copy of the safety record as it stands in one of its places, which are the database and two slots of a small
 * file. Bytes after its end are of no account: a slot is as large as the largest copy.
 *
 * `HSC1` (4), cluster id (32), replica (4), batch (8), length (4) and the record (none: 0), checksum (8): the first
 * bytes of the SHA-256 of everything before it, so that a torn write is noticed.
 */
import { concatBytes, equalBytes, sha256 } from '../crypto/hash.js';
import type { SafetyRecord } from '../protocol/types.js';
import { decodeSafetyRecord, encodeSafetyRecord } from './safety-record.js';
import { decodeWhole, hash, number, plainBytes, replicaId, type Schema, sizedBytes, struct } from './schema.js';
import type { StoreIdentity } from './store-layout.js';

/** The name of the file of the slots in the data directory. */
export const SLOT_FILE = 'safety-record';

/** A slot's size in bytes: a record with certificates of some thousand replicas. A file's hole costs no disk. */
export const SLOT_BYTES = 1024 * 1024;

const HEAD = Uint8Array.of(0x48, 0x53, 0x43, 0x31);
const CHECKSUM_BYTES = 8;
/** Of everything before the record. */
const FIXED_BYTES = HEAD.length + 32 + 4 + 8 + 4;

/** What one copy says. */
export interface SafetyCopy {
  readonly identity: StoreIdentity;
  /** The number of the batch with which it was written; 0 by `init`. */
  readonly batch: number;
  /** Null until the replica has made its first record. */
  readonly record: SafetyRecord | null;
}

interface Content {
  readonly clusterId: string;
  readonly replica: StoreIdentity['replica'];
  readonly batch: number;
  readonly record: Uint8Array;
}

const content: Schema<Content> = struct<Content>({
  clusterId: hash,
  replica: replicaId,
  batch: number<number>(),
  record: sizedBytes,
});

export function encodeSafetyCopy({ identity, batch, record }: SafetyCopy): Uint8Array {
  const recordBytes = record === null ? new Uint8Array(0) : encodeSafetyRecord(record);
  const body = concatBytes(HEAD, content.encode({ ...identity, batch, record: recordBytes }));
  return concatBytes(body, checksum(body));
}

/** Returns what a copy says, or null when it is torn, damaged or of another form. */
export function decodeSafetyCopy(bytes: Uint8Array): SafetyCopy | null {
  const body = wholeBody(plainBytes(bytes));
  const decoded = body === null ? null : decodeWhole(content, body.subarray(HEAD.length));
  if (decoded === null) return null;
  const { clusterId, replica, batch } = decoded;
  const record = decoded.record.length === 0 ? null : decodeSafetyRecord(decoded.record);
  if (record === null && decoded.record.length > 0) return null;
  return { identity: { clusterId, replica }, batch, record };
}

/** Everything before the checksum, or null where head, length or checksum do not fit. */
function wholeBody(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length < FIXED_BYTES || !equalBytes(bytes.subarray(0, HEAD.length), HEAD)) return null;
  const recordBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(FIXED_BYTES - 4);
  const end = FIXED_BYTES + recordBytes;
  const body = bytes.subarray(0, end);
  return equalBytes(checksum(body), bytes.subarray(end, end + CHECKSUM_BYTES)) ? body : null;
}

function checksum(body: Uint8Array): Uint8Array {
  return sha256(body).subarray(0, CHECKSUM_BYTES);
}
