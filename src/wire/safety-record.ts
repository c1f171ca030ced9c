/**
 * The safety record on disk: `HSR1` (4), version (1), number (8), bound (8), high QC, entry, checksum (8).
 * The checksum is the first 8 bytes of the SHA-256 of everything before it, so that a torn or flipped record is
 * noticed; entry is one byte (0 none, 1 QC, 2 TC) and the certificate.
 */
import * as P from 'micro-packed';
import { concatBytes, equalBytes, sha256 } from '../crypto/hash.js';
import type { SafetyRecord, TenureEntry } from '../protocol/types.js';
import { quorumCertificate, timeoutCertificate } from './certificate-schema.js';
import { decodeWhole, number, plainBytes, type Schema, struct, whole } from './schema.js';

const CHECKSUM_BYTES = 8;

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
  Uint8Array.of(0x48, 0x53, 0x52, 0x31, 1),
  struct<SafetyRecord>({ number: number(), bound: number(), highQc: quorumCertificate, entry: entrySchema }),
);

/** Returns the bytes that are written to each of the record's two places. */
export function encodeSafetyRecord(record: SafetyRecord): Uint8Array {
  const content = recordSchema.encode(record);
  return concatBytes(content, checksum(content));
}

/** Returns the record that `bytes` hold, or null when they are damaged or of another version. */
export function decodeSafetyRecord(bytes: Uint8Array): SafetyRecord | null {
  const content = plainBytes(bytes).subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES));
  if (!equalBytes(checksum(content), bytes.subarray(content.length))) return null;
  return decodeWhole(recordSchema, content);
}

function checksum(content: Uint8Array): Uint8Array {
  return sha256(content).subarray(0, CHECKSUM_BYTES);
}
