/** Opens the commands of a user: a file, or standard input. */
import { createReadStream, fstatSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { limits } from '../src/config/limits.js';
import { type InputLine, linesOf } from './lines.js';
import { systemReason } from '../src/adapters/system-reason.js';
import { Failure } from './outcome.js';

export interface CommandInput {
  readonly lines: AsyncIterable<readonly InputLine[]>;
  /** The facts of the file that is read. */
  readonly stats: Stats;
}

/** Opens `source`, `-` being standard input. Reading ends when `stopping` is aborted. */
export async function openCommands(source: string, stopping: AbortSignal): Promise<CommandInput> {
  const { stream, stats } =
    source === '-' ? { stream: process.stdin, stats: fstatSync(process.stdin.fd) } : await openFile(source);
  addAbortSignal(stopping, stream);
  return { lines: linesOf(stream as AsyncIterable<Buffer>, limits.commandBytes), stats };
}

async function openFile(path: string): Promise<{ stream: Readable; stats: Stats }> {
  try {
    const file = await open(path, 'r');
    const stats = await file.stat();
    if (stats.isDirectory()) {
      await file.close();
      throw new Failure(`the commands ${path} cannot be read: it is a directory`);
    }
    return { stream: createReadStream(path, { fd: file }), stats };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`the commands ${path} cannot be read: ${systemReason(error as NodeJS.ErrnoException)}`);
  }
}
