import { highestQc } from '../../src/protocol/certificates.js';
import { strongestRecord } from '../../src/protocol/safety-record.js';
import type { QuorumCertificate, SafetyRecord } from '../../src/protocol/types.js';
import type { SafetyCopy } from '../../src/wire/safety-copy.js';
import type { RecoveredBlocks } from './recovered-blocks.js';
import { type Refusal, refuse } from './store-problem.js';

type RecordRecovery = { readonly ok: true; readonly record: SafetyRecord | null } | Refusal;

/**
 * The field-wise strongest of the readable copies. A copy may name a high QC whose block is not here: it was written
 * beside the batch with that block, and the crash came between. Nothing was signed on it yet, so that the copy takes
 * over the other's. (Kept, the certificate would bind everybody to a block that no disk has.)
 */
export function recoverRecord(copies: readonly SafetyCopy[], blocks: RecoveredBlocks): RecordRecovery {
  const records = copies.map((copy) => copy.record).filter((record) => record !== null);
  if (records.length === 0) return recordOfUnused(blocks);
  const highQc = highestHeld(records, blocks);
  if (highQc === null) {
    return refuse('HIGH_QC_BLOCK_LOST', 'The block that the safety record certifies, or an ancestor of it, is missing');
  }
  if (!certified(blocks, highQc)) {
    return refuse('STORE_DAMAGED', 'The certificate of the last committed block is missing');
  }
  const strongest = records.reduce<SafetyRecord | null>(strongestRecord, null);
  return { ok: true, record: strongest === null ? null : { ...strongest, highQc } };
}

/** Blocks may be on the disk before the first record is; a commit cannot. */
function recordOfUnused(blocks: RecoveredBlocks): RecordRecovery {
  if (blocks.committed.header.height === 0) return { ok: true, record: null };
  return refuse('SAFETY_RECORD_LOST', 'Blocks are committed, but no copy of the safety record has been written');
}

function highestHeld(records: readonly SafetyRecord[], blocks: RecoveredBlocks): QuorumCertificate | null {
  const { committed, uncommitted } = blocks;
  const here = new Set([committed.hash, ...uncommitted.map((block) => block.hash)]);
  let highest: QuorumCertificate | null = null;
  let overtaken = false;
  for (const { highQc } of records) {
    if (here.has(highQc.block)) highest = highest === null ? highQc : highestQc(highest, highQc);
    // A commit may reach the disk before the record of the certificates that led to it.
    else if (highQc.view < committed.header.view) overtaken = true;
  }
  if (highest !== null || !overtaken) return highest;
  return uncommitted.map((block) => block.header.justify).reduce(highestQc, committed.header.justify);
}

/** Whether the store holds a certificate for the last committed block: what committed it is in the store, too. */
function certified({ committed, uncommitted }: RecoveredBlocks, highQc: QuorumCertificate): boolean {
  if (committed.header.height === 0 || highQc.block === committed.hash) return true;
  return uncommitted.some((block) => block.header.justify.block === committed.hash);
}
