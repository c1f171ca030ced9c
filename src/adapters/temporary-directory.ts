import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperationalError } from '../errors.js';
import { systemReason } from './system-reason.js';

/**
 * Makes an empty directory where the system has its temporary ones, named after `what`; returns its path. Whoever has it made
 * removes it.
 * @throws OperationalError TEMPORARY_DIRECTORY_REFUSED.
 */
export async function makeTemporaryDirectory(what: string): Promise<string> {
  const parent = tmpdir();
  try {
    return await mkdtemp(join(parent, `hotstuff-${what}-`));
  } catch (error) {
    const why = systemReason(error as NodeJS.ErrnoException);
    const message = `no temporary directory can be made in ${parent}: ${why}; set TMPDIR to a directory that exists and that you may write to`;
    throw new OperationalError('TEMPORARY_DIRECTORY_REFUSED', message, { parent }, error);
  }
}
