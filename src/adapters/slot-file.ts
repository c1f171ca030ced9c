import { constants, write } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { invariant } from '../errors.js';
import { SLOT_BYTES, SLOT_FILE } from '../wire/safety-copy.js';

/** O_DSYNC: a write returns when its bytes are on the disk, which saves the second trip of an fdatasync. */
const OPEN_FLAGS = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  writeSynced: constants.O_RDWR | constants.O_DSYNC,
} as const;

/**
 * The small file with two places for the safety record. It stands outside the database, since a damaged LevelDB opens
 * without an error and with less in it.
 */
export class SlotFile {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens the file of a store. Rejects when there is none: only {@link createSlotFile} makes one. */
  static async open(directory: string, mode: 'read' | 'write' | 'writeSynced'): Promise<SlotFile> {
    return new SlotFile(await open(join(directory, SLOT_FILE), OPEN_FLAGS[mode]));
  }

  /** The bytes from the slot's beginning to its end or the file's; null where the file ends before it. */
  async read(slot: 0 | 1): Promise<Uint8Array | null> {
    const bytes = new Uint8Array(SLOT_BYTES);
    let length = 0;
    while (length < SLOT_BYTES) {
      const { bytesRead } = await this.#file.read(bytes, length, SLOT_BYTES - length, slot * SLOT_BYTES + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length === 0 ? null : bytes.slice(0, length);
  }

  /** Whether it has no name any more: what is written to it is lost when this process ends. */
  async isDeleted(): Promise<boolean> {
    return (await this.#file.stat()).nlink === 0;
  }

  /** Resolves when the bytes are on the disk, where the file was opened so. */
  write(slot: 0 | 1, bytes: Uint8Array): Promise<void> {
    invariant(bytes.length <= SLOT_BYTES, 'a safety record fits into its slot');
    const { fd } = this.#file;
    // By callback: a FileHandle's promises cost this thread several times as much, at every vote.
    return new Promise((resolve, reject) => {
      const writeFrom = (written: number): void => {
        const position = slot * SLOT_BYTES + written;
        write(fd, bytes, written, bytes.length - written, position, (error, bytesWritten) => {
          if (error !== null) reject(error);
          else if (written + bytesWritten < bytes.length) writeFrom(written + bytesWritten);
          else resolve();
        });
      };
      writeFrom(0);
    });
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Makes the file with the same `copy` in both slots, on the disk when this resolves. Rejects when it exists. */
export async function createSlotFile(directory: string, copy: Uint8Array): Promise<void> {
  const file = await open(join(directory, SLOT_FILE), 'wx', 0o600);
  try {
    await file.write(copy, 0, copy.length, 0);
    await file.write(copy, 0, copy.length, SLOT_BYTES);
    await file.sync();
  } finally {
    await file.close();
  }
}
