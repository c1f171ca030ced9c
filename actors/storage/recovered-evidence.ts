import type { Equivocation } from '../../src/protocol/evidence.js';
import { decodeEquivocation } from '../../src/wire/evidence.js';
import type { StoreEntry } from '../../src/wire/store.js';
import { EVIDENCE_END, EVIDENCE_PREFIX } from '../../src/wire/store-layout.js';

/**
 * The proofs that a store holds, by accused replica and view, and the keys of those that cannot be read. A proof that is damaged is no reason to refuse
 * the store: nothing that this replica promises rests on it, and the one it was against goes free, of this one.
 */
export function recoverEvidence(
  clusterId: string,
  entries: readonly StoreEntry[],
): { readonly evidence: readonly Equivocation[]; readonly unreadable: readonly string[] } {
  const evidence: Equivocation[] = [];
  const unreadable: string[] = [];
  const stored = entries.filter(({ key }) => key >= EVIDENCE_PREFIX && key < EVIDENCE_END);
  for (const { key, value } of stored.sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const proof = decodeEquivocation(clusterId, value);
    if (proof === null) unreadable.push(key);
    else evidence.push(proof);
  }
  return { evidence, unreadable };
}
