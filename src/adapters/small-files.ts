/** Reads the small text files that people edit or copy: configuration, keys, certificates. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { limits } from '../config/limits.js';
import { OperationalError } from '../errors.js';
import { systemReason } from './system-reason.js';

/** How a file is named in errors, and whether others than its owner may read it. */
export interface FileKind {
  /** Begins the code: `KEY_FILE` gives `KEY_FILE_MISSING`. */
  readonly code: string;
  /** What the file is, with its article: `a key file`. */
  readonly what: string;
  readonly secret: boolean;
  /** What is to be done where it does not exist: a whole sentence. */
  readonly missing: string;
}

/**
 * Returns the text of a file of at most `limits.smallFileBytes`.
 * @throws OperationalError: `_MISSING`, `_UNREADABLE` (with the system's code), `_NOT_A_FILE`, `_TOO_LARGE`,
 * `_NOT_TEXT` (not UTF-8), and `_EXPOSED` for a secret that the group or others may read.
 */
export async function readSmallFile(path: string, kind: FileKind): Promise<string> {
  const file = await openFile(path, kind);
  try {
    checkStats(path, kind, await file.stat());
    return decodeText(path, kind, await file.readFile());
  } finally {
    await file.close();
  }
}

/** Does not block on a pipe that nobody writes to. */
async function openFile(path: string, kind: FileKind): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const cause = error as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT') {
      throw failure(kind, 'MISSING', `${path} does not exist. ${kind.missing}`, path);
    }
    throw failure(kind, 'UNREADABLE', `${path} cannot be opened: ${systemReason(cause)}.`, path, cause);
  }
}

function checkStats(path: string, kind: FileKind, stats: Stats): void {
  if (!stats.isFile()) throw failure(kind, 'NOT_A_FILE', `${path} is not a file; ${kind.what} is wanted.`, path);
  if (stats.size > limits.smallFileBytes) {
    const text = `${path} has ${stats.size} bytes, more than the ${limits.smallFileBytes} that ${kind.what} may have.`;
    throw failure(kind, 'TOO_LARGE', text, path);
  }
  // Windows has no such mode bits: there the directory's access list protects the file.
  if (kind.secret && process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
    const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
    const text = `${path} can be read by others (mode ${mode}). Run: chmod 600 ${quoted(path)}`;
    throw failure(kind, 'EXPOSED', text, path);
  }
}

function decodeText(path: string, kind: FileKind, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw failure(kind, 'NOT_TEXT', `${path} is not text in UTF-8; ${kind.what} is wanted.`, path);
  }
}

function failure(kind: FileKind, code: string, text: string, path: string, cause?: unknown): OperationalError {
  return new OperationalError(`${kind.code}_${code}`, text, { path }, cause);
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
