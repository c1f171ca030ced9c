import type { PersistRequest } from '../../actors/storage/messages.js';

/** What consensus asks storage to persist, with the number: nothing but what `changes` say. A record is urgent. */
export function persistRequest(number: number, changes: Partial<PersistRequest>): PersistRequest {
  const nothing = { safety: null, blocks: [], committed: [], abandoned: [], evidence: [] };
  return { number, urgent: changes.safety != null, ...nothing, ...changes };
}
