import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../errors.js';

/** Whether writes are waited for: `volatile` is for tests and benchmarks. */
export type Durability = 'durable' | 'volatile';

const MARK_FILE = 'volatile';
const MARK_TEXT = 'This store was written without waiting for the disk. It is not opened again.\n';

/**
 * Lets a store be opened once it is known not to have been written without syncing; a volatile one is marked first.
 * What it lost in a crash nobody can tell, so that a replica which opened it again could sign twice.
 * @throws OperationalError `STORE_VOLATILE` for a marked directory.
 */
export async function checkVolatileMark(directory: string, durability: Durability): Promise<void> {
  const mark = join(directory, MARK_FILE);
  const marked = await access(mark).then(
    () => true,
    () => false,
  );
  if (marked) {
    const advice = 'Make a new cluster with `hotstuff init`, or run with durability "durable" from the start';
    throw new OperationalError('STORE_VOLATILE', `The store in ${directory} was written in volatile mode. ${advice}.`, {
      directory,
    });
  }
  if (durability === 'volatile') await writeFile(mark, MARK_TEXT, { flag: 'wx', mode: 0o600 });
}
