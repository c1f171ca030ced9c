/**
 * Named pipes. Opening one waits for its other end, and node cannot end while a thread of it waits so: here they are
 * opened without waiting, and read and written as sockets are.
 */
import { close, constants, fstat, open, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { pause } from './lifecycle.js';

/** A file that is open, and the facts of it. */
export interface OpenFile {
  readonly fd: number;
  readonly stats: Stats;
}

const openFd = promisify(open);
const statFd = promisify(fstat);
const closeFd = promisify(close);
/** How often it is looked whether somebody reads a pipe by now. */
const READER_MS = 100;

/** Opens `path` for reading, at once whatever it is. Rejects with the system's error. */
export async function openAtOnce(path: string): Promise<OpenFile> {
  const fd = await openFd(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { fd, stats: await statFd(fd) };
  } catch (error) {
    await closeFd(fd);
    throw error;
  }
}

/** What comes through a pipe that {@link openAtOnce} has opened, the first writer waited for; it owns `fd`. */
export function pipeReader(fd: number): Socket {
  return new Socket({ fd, readable: true, writable: false });
}

/** Opens the pipe at `path` for writing, once somebody reads it; null when `stopping` is aborted before. */
export async function pipeWriter(path: string, stopping: AbortSignal): Promise<Socket | null> {
  while (!stopping.aborted) {
    try {
      const fd = await openFd(path, constants.O_WRONLY | constants.O_NONBLOCK);
      return new Socket({ fd, readable: false, writable: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    await pause(READER_MS, stopping);
  }
  return null;
}
