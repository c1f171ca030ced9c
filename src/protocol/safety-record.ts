/** Which of two copies of the safety record counts (DESIGN section 6). */
import { highestQc } from './certificates.js';
import { asView } from './numbers.js';
import type { SafetyRecord, TenureEntry } from './types.js';

/**
 * Returns the field-wise strongest of the valid copies of one replica's record, null when there is none.
 * No field ever goes back from one record to the next, so that it is the newer copy unless one was tampered with;
 * even then nothing that either copy forbids becomes allowed.
 */
export function strongestRecord(a: SafetyRecord | null, b: SafetyRecord | null): SafetyRecord | null {
  if (a === null || b === null) return a ?? b;
  const [newer, older] = b.number > a.number ? [b, a] : [a, b];
  return {
    number: newer.number,
    bound: asView(Math.max(newer.bound, older.bound)),
    highQc: highestQc(newer.highQc, older.highQc),
    entry: laterEntry(newer.entry, older.entry),
  };
}

/**
 * The entry into the later view. A QC and a TC cannot be compared without the length of a tenure; there the newer
 * record's counts, since a replica never goes back to an earlier tenure.
 */
function laterEntry(newer: TenureEntry | null, older: TenureEntry | null): TenureEntry | null {
  if (newer === null || older === null) return newer ?? older;
  if (newer.kind === 'qc' && older.kind === 'qc') return older.qc.view > newer.qc.view ? older : newer;
  if (newer.kind === 'tc' && older.kind === 'tc') return older.tc.tenure > newer.tc.tenure ? older : newer;
  return newer;
}
