/**
 * The three copies of the safety record, judged together: one in the database, two in the slots of a small file
 * (DESIGN section 6). LevelDB opens without an error and with less in it when its log is damaged, so that what it says
 * counts only as far as the slots bear it out.
 *
 * Batches are numbered and written one at a time. A batch with a record goes to the database and, side by side, to the
 * slot that does not hold the newest copy; a batch that *seals* goes to the database first, then to both slots, one after
 * the other. Storage seals at opening, unless the store is sealed, and at a clean stop. W is the last batch that the
 * database has; D, N and O are the batches of the copies in the database, the newer and the older slot. After a batch
 * b without a crash W = b, and p is the last batch with a record, o the one before it: D = N = p, O = o, or p after
 * a seal. A crash in the middle of the next batch, c = b + 1, leaves:
 *
 * | on the disk of batch c                  | W     | D | N | O | crash |
 * |-----------------------------------------|-------|---|---|---|---|
 * | nothing, or a batch without a record    | b, c  | p | p | o | yes |
 * | the slot is torn                        | b     | p | p | torn | yes |
 * | the slot                                | b     | p | c | p | yes: the high QC may fall back to D's |
 * | the database                            | c     | c | p | o | yes |
 * | the database; the slot is torn          | c     | c | p | torn | yes |
 * | both, or a seal's first slot            | c     | c | c | p | yes |
 * | a seal's first slot; the second is torn | c     | c | c | torn | yes |
 * | the seal                                | c     | c | c | c | yes |
 * | two of the three copies are unreadable  | any   |   |   |   | no: a crash tears one slot |
 * | a slot is two batches ahead, or more    | < N−1 |   |   |   | no: the database lost synced batches |
 * | a slot is ahead, and O ≠ D or torn      | N − 1 |   |   |   | no: the same, a batch begins after the one before |
 * | the database's copy is older than N     | ≥ N   | < N |   |   | no: it lost part of what it has |
 * | the database's copy is newer than W     | < D   |   |   |   | no: the same |
 * | both slots are older than D, which is not its last batch | > D | > N | | | no: the file is an old one |
 *
 * What a crash leaves is gone on with, the rest is refused; one copy that is unreadable by other damage is repaired like
 * a torn one, since what was promised stands in two of the three.
 *
 * What a damaged database has lost looks like a crash, and cannot be told from it, after a life that did not end with a
 * seal, in two cases: its last batch, where that had a record (the third line); and any number of its last batches where
 * those had none, since D = N = p fits every W ≥ p. Such batches hold commits, and a block whose certificate was written
 * before it.
 *
 * - Nobody signs twice for it: the bound stands in the record, and with two of its copies gone the replica is refused.
 * - The block of the record's high QC must be on the disk, and is asked for (`recovered-record.ts`).
 * - Bodies above it may be gone that this replica has promised to hold: under the two-chain rule that of its last vote. No
 *   record names it, so that nothing shows and nothing can be refused. Who lost one has broken its promise and counts
 *   among the f faulty; the other correct replicas of the certificate still have the body.
 *
 * Closing it takes a record, and so a slot and its sync, in every batch with a block: more syncs for a disk that loses what
 * it has synced, which is beyond what a crash does.
 */
import { equalBytes } from '../../src/crypto/hash.js';
import { encodeSafetyCopy, type SafetyCopy, SLOT_FILE } from '../../src/wire/safety-copy.js';
import { refuse, type StoreProblem } from './store-problem.js';

/** What was read; null is a copy that is missing or unreadable. */
export interface RecordCopies {
  /** The number of the last batch that the database has. */
  readonly written: number;
  readonly database: SafetyCopy | null;
  readonly slots: readonly [SafetyCopy | null, SafetyCopy | null];
}

/** The readable copies, the database's first. */
export function readableCopies({ database, slots }: RecordCopies): readonly SafetyCopy[] {
  return [database, ...slots].filter((copy) => copy !== null);
}

/** Says why the replica must not sign on these copies, or null where they are what a crash or a clean stop leaves. */
export function copiesProblem(copies: RecordCopies): StoreProblem | null {
  return lostProblem(copies) ?? databaseProblem(copies) ?? slotsProblem(copies);
}

/** Whether all copies are alike and of the last batch: the store is sealed. */
export function sealed(copies: RecordCopies): boolean {
  const readable = readableCopies(copies);
  const [first, ...others] = readable.map(encodeSafetyCopy);
  return (
    others.length === 2 &&
    others.every((copy) => first !== undefined && equalBytes(copy, first)) &&
    readable[0]?.batch === copies.written
  );
}

/** The slot that may be written over: one that is unreadable, or the older one. */
export function slotToWrite({ slots: [first, second] }: RecordCopies): 0 | 1 {
  return batchOf(first) > batchOf(second) ? 1 : 0;
}

/** What of the copies needs mending, for the log: null where a crash has left no mark. */
export function mark({ written, database, slots }: RecordCopies): string | null {
  if (database === null) return 'the copy in the database was unreadable';
  const torn = slots.indexOf(null);
  if (torn >= 0) return `slot ${torn} of ${SLOT_FILE} was unreadable`;
  const newest = Math.max(...slots.map(batchOf));
  if (newest > written) return 'the database was one batch behind';
  return database.batch > newest ? `${SLOT_FILE} was one batch behind` : null;
}

function lostProblem({ database, slots }: RecordCopies): StoreProblem | null {
  const unreadable = slots.flatMap((copy, slot) => (copy === null ? [`slot ${slot} of the file ${SLOT_FILE}`] : []));
  if (database === null) unreadable.push('the copy in the database');
  if (unreadable.length < 2) return null;
  const found = `Of the three copies of the safety record ${unreadable.join(' and ')} are unreadable`;
  return refuse('SAFETY_RECORD_LOST', `${found}; a crash spoils one at most, and what is left may be an older one`)
    .problem;
}

function databaseProblem({ written, database, slots }: RecordCopies): StoreProblem | null {
  const [older, newest] = slots.map(batchOf).sort((a, b) => a - b) as [number, number];
  const own = database?.batch ?? -1;
  if (own > written)
    return lostWrites(`The database has a safety record of batch ${own}, but no batch after ${written}`);
  if (newest > written + 1 || (newest > written && older !== own)) {
    return lostWrites(`The file ${SLOT_FILE} is of batch ${newest}, but the database has none after ${written}`);
  }
  if (database === null || newest > written || own >= newest) return null;
  return lostWrites(`The file ${SLOT_FILE} is of batch ${newest}, but the database's safety record of ${own}`);
}

function slotsProblem({ written, database, slots }: RecordCopies): StoreProblem | null {
  if (database === null || slots.includes(null)) return null;
  const newest = Math.max(...slots.map(batchOf));
  if (database.batch <= newest || database.batch === written) return null;
  const found = `The file ${SLOT_FILE} is of batch ${newest}, but the database's safety record of ${database.batch}`;
  return lostWrites(`${found}, and batch ${written} was written after that`);
}

function lostWrites(found: string): StoreProblem {
  return refuse('STORE_LOST_WRITES', `${found}: what was written is lost`).problem;
}

function batchOf(copy: SafetyCopy | null): number {
  return copy?.batch ?? -1;
}
