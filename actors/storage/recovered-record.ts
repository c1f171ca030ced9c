import { genesisCertificate, highestQc } from '../../src/protocol/certificates.js';
import { strongestRecord } from '../../src/protocol/safety-record.js';
import type { QuorumCertificate, SafetyRecord } from '../../src/protocol/types.js';
import type { SafetyCopy } from '../../src/wire/safety-copy.js';
import { type RecordCopies, readableCopies } from './record-copies.js';
import type { RecoveredBlocks } from './recovered-blocks.js';
import { type Refusal, refuse } from './store-problem.js';

type RecordRecovery = { readonly ok: true; readonly record: SafetyRecord | null } | Refusal;

/**
 * The field-wise strongest of the readable copies. A slot may be one batch ahead of the database, whose last batch is
 * `written`: its high QC may certify a block of that batch, and the crash came between. Nothing was signed on it yet,
 * so that the slot takes over the other copies' high QC. (Kept, the certificate would bind everybody to a block that no
 * disk has.) The high QC of the newest copy that is not ahead was durable together with its block: that must be here.
 */
export function recoverRecord(copies: RecordCopies, blocks: RecoveredBlocks): RecordRecovery {
  const all = readableCopies(copies);
  const records = all.map((copy) => copy.record).filter((record) => record !== null);
  if (records.length === 0) return recordOfUnused(blocks);
  const settled = newestSettled(all, copies.written);
  const highQcs = records.map((record) => record.highQc);
  // Nothing was ever signed on the lost certificates: either no record was durable yet, or a commit made them old.
  const replaceable = settled?.record === null || highQcs.some((qc) => standing(qc, blocks) === 'overtaken');
  const highQc = highestHeld(highQcs, blocks) ?? (replaceable ? highestInBlocks(blocks) : null);
  const durable = settled?.record?.highQc;
  if (highQc === null || (durable !== undefined && standing(durable, blocks) === 'lost')) {
    return refuse('HIGH_QC_BLOCK_LOST', 'The block that the safety record certifies, or an ancestor of it, is missing');
  }
  if (!certified(blocks, highQc)) {
    return refuse('STORE_DAMAGED', 'The certificate of the last committed block is missing');
  }
  const strongest = records.reduce<SafetyRecord | null>(strongestRecord, null);
  return { ok: true, record: strongest === null ? null : { ...strongest, highQc } };
}

/**
 * The copy of the last batch that had one, as far as the database has batches. The first of equal copies counts, the
 * database's: a slot that was ahead at a crash bears the number that the seal after it was given.
 */
function newestSettled(copies: readonly SafetyCopy[], written: number): SafetyCopy | null {
  let newest: SafetyCopy | null = null;
  for (const copy of copies) {
    if (copy.batch <= written && (newest === null || copy.batch > newest.batch)) newest = copy;
  }
  return newest;
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

function highestHeld(qcs: readonly QuorumCertificate[], blocks: RecoveredBlocks): QuorumCertificate | null {
  const held = qcs.filter((qc) => standing(qc, blocks) === 'held');
  return held.length === 0 ? null : held.reduce(highestQc);
}

/** The highest certificate that stands in a held block; without any, that of genesis. */
function highestInBlocks({ committed, uncommitted }: RecoveredBlocks): QuorumCertificate {
  const { height, justify } = committed.header;
  const lowest = height === 0 ? genesisCertificate(committed.hash) : justify;
  return uncommitted.map((block) => block.header.justify).reduce(highestQc, lowest);
}

/** Whether the store holds a certificate for the last committed block: what committed it is in the store, too. */
function certified({ committed, uncommitted }: RecoveredBlocks, highQc: QuorumCertificate): boolean {
  if (committed.header.height === 0 || highQc.block === committed.hash) return true;
  return uncommitted.some((block) => block.header.justify.block === committed.hash);
}
