import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../errors.js';
import { encodeSafetyCopy, SLOT_FILE } from '../wire/safety-copy.js';
import {
  encodeCount,
  encodeMeta,
  META_KEY,
  RECORD_KEY,
  type StoreIdentity,
  WRITTEN_KEY,
} from '../wire/store-layout.js';
import { createSlotFile } from './slot-file.js';
import { DATABASE_DIRECTORY, databaseAt } from './store-database.js';
import { syncDirectory } from './sync-directory.js';

/**
 * Makes the empty store of one replica in `directory`, which must exist. Called by `init` and nobody else: a replica
 * that made itself a new store would forget what it has signed. Everything is on the disk when this resolves.
 * @throws OperationalError `STORE_EXISTS` when the directory holds a store or a part of one.
 */
export async function createStore(directory: string, identity: StoreIdentity): Promise<void> {
  const present = await readdir(directory);
  if (present.includes(DATABASE_DIRECTORY) || present.includes(SLOT_FILE)) {
    throw new OperationalError('STORE_EXISTS', `There is a store in ${directory} already. It is left as it is.`, {
      directory,
    });
  }
  const copy = encodeSafetyCopy({ identity, batch: 0, record: null });
  const database = databaseAt(directory);
  await database.open({ createIfMissing: true, errorIfExists: true });
  try {
    const entries = [
      { type: 'put', key: META_KEY, value: encodeMeta(identity) },
      { type: 'put', key: WRITTEN_KEY, value: encodeCount(0) },
      { type: 'put', key: RECORD_KEY, value: copy },
    ] as const;
    await database.batch([...entries], { sync: true });
  } finally {
    await database.close();
  }
  await createSlotFile(directory, copy);
  await syncDirectory(join(directory, DATABASE_DIRECTORY));
  await syncDirectory(directory);
}
