import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../errors.js';
import { tablesOf } from './level-manifest.js';
import { tableDamage } from './level-table.js';
import { nextTurn } from './turn-scheduler.js';

/** A table that was found damaged. */
export interface DamagedTable {
  readonly file: string;
  readonly damage: string;
}

/**
 * Returns the first damaged table of the database in `directory`; null when all are whole. A table is written once and then
 * only read, and a start reads all of them anyway to rebuild the state machine. Tables that are not in use are not looked at:
 * a crash may leave one half written. What is missing altogether, LevelDB itself refuses.
 * @throws OperationalError `STORE_UNREADABLE`.
 */
export async function damagedTable(directory: string): Promise<DamagedTable | null> {
  const current = await contentsOf(join(directory, 'CURRENT'));
  const manifest = current === null ? null : await contentsOf(join(directory, current.toString('latin1').trim()));
  if (manifest === null) return null;
  for (const [number, bytes] of tablesOf(manifest)) {
    const file = `${String(number).padStart(6, '0')}.ldb`;
    const table = await contentsOf(join(directory, file));
    if (table === null) continue;
    const damage =
      table.length < bytes ? `it has ${table.length} bytes of ${bytes}` : tableDamage(table.subarray(0, bytes));
    if (damage !== null) return { file, damage };
    await nextTurn();
  }
  return null;
}

/** Null when there is no such file. */
async function contentsOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // A damaged name may be no name at all.
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ERR_INVALID_ARG_VALUE' || code === 'ENAMETOOLONG')
      return null;
    throw new OperationalError('STORE_UNREADABLE', `${path} cannot be read: ${message}`, { path }, error);
  }
}
