/** Schemas of the certificates that proposals, Timeouts, answers and safety records carry. */
import * as P from 'micro-packed';
import { limits } from '../config/limits.js';
import type { Tenure, View } from '../protocol/numbers.js';
import type { QuorumCertificate, SignerSignature, TimeoutCertificate, TimeoutStatement } from '../protocol/types.js';
import { blockHash, list, number, replicaId, type Schema, signature, struct } from './schema.js';

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

const signerSignature = struct<SignerSignature>({ signer: replicaId, signature });

/** View (8), block hash (32), count (4), then signer (4) and signature (64) each. */
export const quorumCertificate = struct<QuorumCertificate>({
  view: number<View>(),
  block: blockHash,
  signatures: bySigner(signerSignature),
});

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
