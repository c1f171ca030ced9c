/** Schemas of the certificates that proposals, Timeouts, answers and safety records carry. */
import * as P from 'micro-packed';
import { limits } from '../config/limits.js';
import { bytesToHex, writeHex } from '../crypto/hash.js';
import { asBlockHash, asReplicaId, NUMBER_MAX, type Tenure, type View } from '../protocol/numbers.js';
import type { QuorumCertificate, SignerSignature, TimeoutCertificate, TimeoutStatement } from '../protocol/types.js';
import { detached, list, number, replicaId, type Schema, signature, struct, WORD } from './schema.js';

/** Entries whose signers strictly ascend: the only order there is, and no signer twice. */
function bySigner<T extends SignerSignature>(entry: Schema<T>): Schema<readonly T[]> {
  const entries = list(entry, limits.certificateSigners);
  return P.wrap<readonly T[]>({
    encodeStream: (writer, value) => {
      if (!ascending(value)) throw writer.err('signers do not ascend');
      entries.encodeStream(writer, value);
    },
    decodeStream: (reader) => {
      const value = entries.decodeStream(reader);
      if (!ascending(value)) throw reader.err('signers do not ascend');
      return value;
    },
  });
}

function ascending(entries: readonly SignerSignature[]): boolean {
  return entries.every((entry, index) => index === 0 || (entries[index - 1] as SignerSignature).signer < entry.signer);
}

/** Of the fields before the entries, and of each entry. */
const QC_FIXED_BYTES = 44;
const QC_ENTRY_BYTES = 68;

/**
 * View (8), block hash (32), count (4), then signer (4) and signature (64) each, the signers strictly ascending. Written out by
 * hand: a certificate is in every proposal and safety record, and as fields it would take several times as long.
 */
export const quorumCertificate: Schema<QuorumCertificate> = P.wrap<QuorumCertificate>({
  encodeStream: (writer, qc) => {
    const problem = encodingProblem(qc);
    if (problem !== null) throw writer.err(problem);
    writer.bytes(qcBytes(qc));
  },
  decodeStream: (reader) => {
    const count = viewOf(reader.bytes(QC_FIXED_BYTES, true)).getUint32(QC_FIXED_BYTES - 4);
    if (count > limits.certificateSigners) throw reader.err('more entries than the bound');
    const bytes = detached(reader.bytes(QC_FIXED_BYTES + count * QC_ENTRY_BYTES));
    const qc = qcIn(bytes, count);
    if (qc.view > NUMBER_MAX) throw reader.err('number above NUMBER_MAX');
    if (!ascending(qc.signatures)) throw reader.err('signers do not ascend');
    return qc;
  },
});

function encodingProblem({ view, block, signatures }: QuorumCertificate): string | null {
  if (!Number.isSafeInteger(view) || view < 0 || view > NUMBER_MAX) return `not a number: ${view}`;
  if (block.length !== 64) return 'not 64 hex digits';
  if (signatures.length > limits.certificateSigners) return `${signatures.length} entries, above the bound`;
  if (signatures.some(({ signature: bytes }) => bytes.length !== 64)) return 'a signature has 64 bytes';
  return ascending(signatures) ? null : 'signers do not ascend';
}

function qcBytes({ view, block, signatures }: QuorumCertificate): Uint8Array {
  const bytes = new Uint8Array(QC_FIXED_BYTES + signatures.length * QC_ENTRY_BYTES);
  const numbers = viewOf(bytes);
  numbers.setUint32(0, Math.floor(view / WORD));
  numbers.setUint32(4, view % WORD);
  writeHex(block, bytes, 8);
  numbers.setUint32(40, signatures.length);
  signatures.forEach(({ signer, signature: signed }, index) => {
    const at = QC_FIXED_BYTES + index * QC_ENTRY_BYTES;
    numbers.setUint32(at, signer);
    bytes.set(signed, at + 4);
  });
  return bytes;
}

/** What whole bytes of `count` entries say; the signatures are views into them. */
function qcIn(bytes: Uint8Array, count: number): QuorumCertificate {
  const numbers = viewOf(bytes);
  const signatures: SignerSignature[] = [];
  for (let at = QC_FIXED_BYTES; signatures.length < count; at += QC_ENTRY_BYTES) {
    const signed = bytes.subarray(at + 4, at + QC_ENTRY_BYTES);
    signatures.push({ signer: asReplicaId(numbers.getUint32(at)), signature: signed });
  }
  const view = (numbers.getUint32(0) * WORD + numbers.getUint32(4)) as View;
  return { view, block: asBlockHash(bytesToHex(bytes.subarray(8, 40))), signatures };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const timeoutStatement = struct<TimeoutStatement>({
  signer: replicaId,
  signature,
  tenure: number<Tenure>(),
  highQcView: number<View>(),
});

/** Tenure (8), count (4), signer (4), signature (64), tenure (8) and high-QC view (8) each, then the highest QC. */
export const timeoutCertificate = struct<TimeoutCertificate>({
  tenure: number<Tenure>(),
  timeouts: bySigner(timeoutStatement),
  highQc: quorumCertificate,
});
