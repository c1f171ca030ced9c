/** Opens the commands of a user: a file, or standard input. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { limits } from '../src/config/limits.js';
import { type InputLine, linesOf } from './lines.js';
import { Failure } from './outcome.js';

export interface CommandInput {
  readonly lines: AsyncIterable<readonly InputLine[]>;
  /** Bytes in all, where that is known: not for standard input or a pipe. */
  readonly bytesTotal: number | null;
}

/** Opens `source`, `-` being standard input. Reading ends when `stopping` is aborted. */
export async function openCommands(source: string, stopping: AbortSignal): Promise<CommandInput> {
  const { stream, bytesTotal } = source === '-' ? { stream: process.stdin, bytesTotal: null } : await openFile(source);
  addAbortSignal(stopping, stream);
  return { lines: linesOf(stream as AsyncIterable<Buffer>, limits.commandBytes), bytesTotal };
}

async function openFile(path: string): Promise<{ stream: Readable; bytesTotal: number | null }> {
  try {
    const file = await open(path, 'r');
    const stats = await file.stat();
    if (stats.isDirectory()) {
      await file.close();
      throw new Failure(`the commands ${path} cannot be read: it is a directory`);
    }
    return { stream: createReadStream(path, { fd: file }), bytesTotal: stats.isFile() ? stats.size : null };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`the commands ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
