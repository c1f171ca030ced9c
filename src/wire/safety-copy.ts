/**
 * One copy of the safety record as it stands in one of its places, which are the database and two slots of a small
 * file. Bytes after its end are of no account: a slot is as large as the largest copy.
 *
 * `HSC2` (4), cluster id (32), replica (4), batch (8), length (4) and the record (none: 0), checksum (8): the first
 * bytes of the SHA-256 of everything before it, so that a torn write is noticed. Record: number (8), bound (8), high QC,
 * entry: one byte (0 none, 1 QC, 2 TC) and the certificate.
 */
import * as P from 'micro-packed';
import { equalBytes, hexToBytes, sha256Hex, writeHex } from '../crypto/hash.js';
import type { SafetyRecord, TenureEntry } from '../protocol/types.js';
import { quorumCertificate, timeoutCertificate } from './certificate-schema.js';
import {
  decodeWhole,
  hash,
  NO_HEAD,
  number,
  plainBytes,
  replicaId,
  type Schema,
  sizedBytes,
  struct,
  WORD,
  whole,
} from './schema.js';
import type { StoreIdentity } from './store-layout.js';

/** The name of the file of the slots in the data directory. */
export const SLOT_FILE = 'safety-record';

/** A slot's size in bytes: a record with certificates of some thousand replicas. A file's hole costs no disk. */
export const SLOT_BYTES = 1024 * 1024;

const HEAD = Uint8Array.of(0x48, 0x53, 0x43, 0x32);
const CHECKSUM_BYTES = 8;
const REPLICA_AT = HEAD.length + 32;
/** Of everything before the record. */
const FIXED_BYTES = REPLICA_AT + 4 + 8 + 4;

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

const contentSchema = whole(
  HEAD,
  struct<Content>({ clusterId: hash, replica: replicaId, batch: number<number>(), record: sizedBytes }),
);

const entrySchema: Schema<TenureEntry | null> = P.wrap<TenureEntry | null>({
  encodeStream: (writer, entry) => {
    writer.byte(entry === null ? 0 : entry.kind === 'qc' ? 1 : 2);
    if (entry?.kind === 'qc') quorumCertificate.encodeStream(writer, entry.qc);
    if (entry?.kind === 'tc') timeoutCertificate.encodeStream(writer, entry.tc);
  },
  decodeStream: (reader) => {
    const kind = reader.byte();
    if (kind === 0) return null;
    if (kind === 1) return { kind: 'qc', qc: quorumCertificate.decodeStream(reader) };
    if (kind === 2) return { kind: 'tc', tc: timeoutCertificate.decodeStream(reader) };
    throw reader.err('unknown kind of entry');
  },
});

const recordSchema = whole(
  NO_HEAD,
  struct<SafetyRecord>({ number: number(), bound: number(), highQc: quorumCertificate, entry: entrySchema }),
);

const NO_RECORD = new Uint8Array(0);

/**
 * Returns the bytes of a copy with its checksum, not filled up to the size of a slot. Laid by hand: a replica makes one a
 * block, and by its schema it took twice as long.
 */
export function encodeSafetyCopy({ identity, batch, record }: SafetyCopy): Uint8Array {
  const recordBytes = record === null ? NO_RECORD : recordSchema.encode(record);
  const end = FIXED_BYTES + recordBytes.length;
  const bytes = new Uint8Array(end + CHECKSUM_BYTES);
  const numbers = new DataView(bytes.buffer);
  bytes.set(HEAD);
  writeHex(identity.clusterId, bytes, HEAD.length);
  numbers.setUint32(REPLICA_AT, identity.replica);
  numbers.setUint32(REPLICA_AT + 4, Math.floor(batch / WORD));
  numbers.setUint32(REPLICA_AT + 8, batch % WORD);
  numbers.setUint32(FIXED_BYTES - 4, recordBytes.length);
  bytes.set(recordBytes, FIXED_BYTES);
  bytes.set(checksum(bytes.subarray(0, end)), end);
  return bytes;
}

/** Returns what a copy says, or null when it is torn, damaged or of another form. */
export function decodeSafetyCopy(bytes: Uint8Array): SafetyCopy | null {
  const body = wholeBody(plainBytes(bytes));
  const content = body === null ? null : decodeWhole(contentSchema, body);
  if (content === null) return null;
  const { clusterId, replica, batch } = content;
  const record = content.record.length === 0 ? null : decodeWhole(recordSchema, content.record);
  if (record === null && content.record.length > 0) return null;
  return { identity: { clusterId, replica }, batch, record };
}

/** Everything before the checksum, or null where length or checksum do not fit. */
function wholeBody(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length < FIXED_BYTES) return null;
  const recordBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(FIXED_BYTES - 4);
  const end = FIXED_BYTES + recordBytes;
  const body = bytes.subarray(0, end);
  return equalBytes(checksum(body), bytes.subarray(end, end + CHECKSUM_BYTES)) ? body : null;
}

function checksum(body: Uint8Array): Uint8Array {
  return hexToBytes(sha256Hex(body).slice(0, 2 * CHECKSUM_BYTES));
}
