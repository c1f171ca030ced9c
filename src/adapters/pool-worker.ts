/**
 * What a thread of the pool runs: one export a task. An answer says whether the task was done; nothing is thrown across, since
 * an error loses its name and code on the way. Bytes that were handed over go back the same way.
 */
import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { Bodies, HashedBodies, PackedChecks, VerifiedSignatures } from '../crypto/heavy-tasks.js';
import * as heavy from '../crypto/heavy-tasks.js';
import type { TaskResult } from '../runtime/behaviour.js';

/** Hashes bodies, and gives them back with their hashes. */
export function hashBodies(input: Bodies): TaskResult<HashedBodies> {
  const result = answered(() => heavy.hashBodies(input));
  const buffers = new Set(input.bodies.map(({ buffer }) => buffer));
  return move({ [transferableSymbol]: [...buffers], [valueSymbol]: result }) as unknown as TaskResult<HashedBodies>;
}

/** Tells which signatures do not verify. */
export function verifySignatures(input: PackedChecks): TaskResult<VerifiedSignatures> {
  return answered(() => heavy.verifySignatures(input));
}

function answered<Output extends object>(task: () => Output): TaskResult<Output> {
  try {
    return { ok: true, ...task() };
  } catch {
    return { ok: false, code: 'TASK_FAILED' };
  }
}
