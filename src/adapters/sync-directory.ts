import { open } from 'node:fs/promises';

/** Resolves when the names in a directory are on the disk: those of files are there only when their directory is. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
