import { highestQc } from '../../src/protocol/certificates.js';
import { strongestRecord } from '../../src/protocol/safety-record.js';
import type { QuorumCertificate, SafetyRecord } from '../../src/protocol/types.js';
import type { SafetyCopy } from '../../src/wire/safety-copy.js';
import type { RecoveredBlocks } from './recovered-blocks.js';
import { type Refusal, refuse } from './store-problem.js';

type RecordRecovery = { readonly ok: true; readonly record: SafetyRecord | null } | Refusal;

/**
 * The field-wise strongest of the readable copies. A slot may be one batch ahead of the database, whose last batch is
 * `written`: its high QC may certify a block of that batch, and the crash came between. Nothing was signed on it yet,
 * so that the slot takes over the other copies' high QC. (Kept, the certificate would bind everybody to a block that no
 * disk has.) The high QC of any other copy was durable with its block.
 */
export function recoverRecord(copies: readonly SafetyCopy[], blocks: RecoveredBlocks, written: number): RecordRecovery {
  const records = copies.map((copy) => copy.record).filter((record) => record !== null);
  if (records.length === 0) return recordOfUnused(blocks);
  const { certain, ahead } = splitAt(copies, written);
  const highQc = highestHeld([...certain, ...ahead], blocks);
  if (highQc === null || certain.some((qc) => standing(qc, blocks) === 'lost')) {
    return refuse('HIGH_QC_BLOCK_LOST', 'The block that the safety record certifies, or an ancestor of it, is missing');
  }
  if (!certified(blocks, highQc)) {
    return refuse('STORE_DAMAGED', 'The certificate of the last committed block is missing');
  }
  const strongest = records.reduce<SafetyRecord | null>(strongestRecord, null);
  return { ok: true, record: strongest === null ? null : { ...strongest, highQc } };
}

/** The high QCs of the copies: `ahead`, of the batch that the database may not have; `certain`, of earlier ones. */
function splitAt(copies: readonly SafetyCopy[], written: number) {
  const certain: QuorumCertificate[] = [];
  const ahead: QuorumCertificate[] = [];
  for (const { batch, record } of copies) {
    if (record !== null) (batch > written ? ahead : certain).push(record.highQc);
  }
  return { certain, ahead };
}

/** Blocks may be on the disk before the first record is; a commit cannot. */
function recordOfUnused(blocks: RecoveredBlocks): RecordRecovery {
  if (blocks.committed.header.height === 0) return { ok: true, record: null };
  return refuse('SAFETY_RECORD_LOST', 'Blocks are committed, but no copy of the safety record has been written');
}

/** `overtaken`: a commit may reach the disk before the record of the certificates that led to it. */
function standing(qc: QuorumCertificate, { committed, uncommitted }: RecoveredBlocks): 'held' | 'overtaken' | 'lost' {
  if (qc.block === committed.hash || uncommitted.some((block) => block.hash === qc.block)) return 'held';
  return qc.view < committed.header.view ? 'overtaken' : 'lost';
}

/** The highest of `qcs` whose block is held; where all are overtaken, the highest that stands in a held block. */
function highestHeld(qcs: readonly QuorumCertificate[], blocks: RecoveredBlocks): QuorumCertificate | null {
  const held = qcs.filter((qc) => standing(qc, blocks) === 'held');
  if (held.length > 0) return held.reduce(highestQc);
  if (!qcs.some((qc) => standing(qc, blocks) === 'overtaken')) return null;
  return blocks.uncommitted.map((block) => block.header.justify).reduce(highestQc, blocks.committed.header.justify);
}

/** Whether the store holds a certificate for the last committed block: what committed it is in the store, too. */
function certified({ committed, uncommitted }: RecoveredBlocks, highQc: QuorumCertificate): boolean {
  if (committed.header.height === 0 || highQc.block === committed.hash) return true;
  return uncommitted.some((block) => block.header.justify.block === committed.hash);
}
