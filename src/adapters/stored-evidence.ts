import type { Equivocation } from '../protocol/evidence.js';
import { decodeEquivocation } from '../wire/evidence.js';
import { plainBytes } from '../wire/schema.js';
import { EVIDENCE_END, EVIDENCE_PREFIX } from '../wire/store-layout.js';
import { openDatabase } from './store-database.js';

/** What stands under a proof's key: the proof, or null where it cannot be read. */
export interface StoredEvidence {
  readonly key: string;
  readonly proof: Equivocation | null;
}

/**
 * Reads the proofs of equivocation of the stopped replica whose data is in `directory`, by accused replica and view.
 * @throws OperationalError as `openDatabase` does: `STORE_LOCKED` where the replica runs.
 */
export async function storedEvidence(directory: string, clusterId: string): Promise<readonly StoredEvidence[]> {
  const database = await openDatabase(directory);
  try {
    const found: StoredEvidence[] = [];
    for await (const [key, value] of database.iterator({ gte: EVIDENCE_PREFIX, lt: EVIDENCE_END }))
      found.push({ key, proof: decodeEquivocation(clusterId, plainBytes(value)) });
    return found;
  } finally {
    await database.close();
  }
}
