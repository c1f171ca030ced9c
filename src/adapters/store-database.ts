import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { OperationalError } from '../errors.js';
import { SLOT_FILE } from '../wire/safety-copy.js';
import { damagedTable } from './store-tables.js';

/** The database's directory in the data directory. */
export const DATABASE_DIRECTORY = 'blocks';

/** LevelDB as a store uses it: keys are text, values are bytes. */
export type Database = Level<string, Uint8Array>;

/**
 * Bodies are opaque, so that trying to compress them is lost work; and a larger buffer means fewer and larger files,
 * at the price of a longer log to read back at opening (some 100 ms).
 */
const OPTIONS = { valueEncoding: 'view', compression: false, writeBufferSize: 16 * 1024 * 1024 } as const;

/** Returns the database in `directory`. Open it at once: left alone it opens by itself, and makes what is missing. */
export function databaseAt(directory: string): Database {
  return new Level<string, Uint8Array>(join(directory, DATABASE_DIRECTORY), OPTIONS);
}

/**
 * Opens the database of the store in `directory`. It is never made here: where its parts are missing, LevelDB would
 * make an empty one in their place, and delete what is left.
 * @throws OperationalError `STORE_MISSING`, `STORE_DAMAGED`, `STORE_LOCKED`, `STORE_READ_ONLY` or `STORE_UNREADABLE`.
 */
export async function openDatabase(directory: string): Promise<Database> {
  await requireParts(directory);
  await requireWritable(directory);
  await requireWholeTables(directory);
  const database = databaseAt(directory);
  try {
    await database.open({ createIfMissing: false });
  } catch (error) {
    throw openingFailure(directory, error);
  }
  return database;
}

/** Both parts of a store, or neither. */
async function requireParts(directory: string): Promise<void> {
  const parts = [join(DATABASE_DIRECTORY, 'CURRENT'), SLOT_FILE];
  const missing: string[] = [];
  for (const part of parts) if (!(await exists(join(directory, part)))) missing.push(part);
  if (missing.length === 0) return;
  const facts = { directory, missing: missing.join(', ') };
  if (missing.length === parts.length && !(await exists(join(directory, DATABASE_DIRECTORY)))) {
    const advice = 'Name the data directory that `hotstuff init` made for this replica.';
    throw new OperationalError('STORE_MISSING', `There is no store in ${directory}. ${advice}`, facts);
  }
  const found = `The store in ${directory} is incomplete: ${facts.missing} is missing`;
  throw new OperationalError('STORE_DAMAGED', `${found}. ${DAMAGE_ADVICE}`, facts);
}

/** LevelDB cannot be opened for reading alone: it takes a lock and begins a new log. */
async function requireWritable(directory: string): Promise<void> {
  const path = join(directory, DATABASE_DIRECTORY);
  try {
    await access(path, constants.W_OK);
  } catch (error) {
    const found = `The database in ${directory} may not be written to, which even reading it takes`;
    const advice = 'Run this as the owner of the directory, or on a copy of it that may be written to.';
    throw new OperationalError('STORE_READ_ONLY', `${found} (${reasonOf(error)}). ${advice}`, { directory }, error);
  }
}

/** LevelDB trusts its tables, and a damaged one ends the process: it must be found before. */
async function requireWholeTables(directory: string): Promise<void> {
  const damaged = await damagedTable(join(directory, DATABASE_DIRECTORY));
  if (damaged === null) return;
  const found = `The database in ${directory} is damaged: of ${damaged.file}, ${damaged.damage}`;
  throw new OperationalError('STORE_DAMAGED', `${found}. ${DAMAGE_ADVICE}`, { directory, file: damaged.file });
}

const DISK_ADVICE = 'Look at the disk (its room, rights and health), then start the replica again.';
const DAMAGE_ADVICE =
  'Put the data directory back as it was when the replica last ran, or give the replica up as one that lost its disk.';

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new OperationalError('STORE_UNREADABLE', `${path} cannot be read: ${reasonOf(error)}`, { path }, error);
  }
}

function openingFailure(directory: string, error: unknown): OperationalError {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const code = (cause as { code?: unknown }).code;
  const facts = { directory };
  if (code === 'LEVEL_LOCKED') {
    const detail = `The store in ${directory} is in use by another process. Stop that one first, or name another directory.`;
    return new OperationalError('STORE_LOCKED', detail, facts, cause);
  }
  if (code === 'LEVEL_CORRUPTION') {
    const detail = `The database in ${directory} is damaged: ${reasonOf(cause)}. ${DAMAGE_ADVICE}`;
    return new OperationalError('STORE_DAMAGED', detail, facts, cause);
  }
  const reason = reasonOf(cause);
  // A file that is gone is damage. Of want of room, or of rights, nothing says that what is on the disk is not whole.
  const advice = /no such file/i.test(reason) ? DAMAGE_ADVICE : DISK_ADVICE;
  const detail = `The database in ${directory} cannot be opened: ${reason}. ${advice}`;
  return new OperationalError('STORE_UNREADABLE', detail, facts, cause);
}

/** What an error says, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
