/** Opens the lines of a user, commands or proofs: a file, a named pipe, or standard input. */
import { createReadStream, fstatSync, type Stats } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { isatty, ReadStream as TerminalStream } from 'node:tty';
import { systemReason } from '../src/adapters/system-reason.js';
import { limits } from '../src/config/limits.js';
import { type InputLine, linesOf } from './lines.js';
import { Failure } from './outcome.js';
import { openAtOnce, pipeReader } from './pipes.js';

/** Lines that are open for reading. */
export interface LineInput {
  readonly lines: AsyncIterable<readonly InputLine[]>;
  /** The facts of the file that is read. */
  readonly stats: Stats;
}

interface Source {
  readonly stream: Readable;
  readonly stats: Stats;
}

/** What is opened. */
export interface LineSource {
  /** A path; `-` is standard input. */
  readonly source: string;
  /** What the lines are, in the plural, for errors. */
  readonly what: string;
  readonly lineBytesMax: number;
}

/** Opens commands, as {@link openLines}. */
export function openCommands(source: string, stopping: AbortSignal): Promise<LineInput> {
  return openLines({ source, what: 'commands', lineBytesMax: limits.commandBytes }, stopping);
}

/**
 * Opens the lines of `source`. Reading ends when `stopping` is aborted.
 * @throws Failure, then or while the lines are read, that names what cannot be read and why.
 */
export async function openLines({ source, what, lineBytesMax }: LineSource, stopping: AbortSignal): Promise<LineInput> {
  const name = source === '-' ? `${what} on standard input` : `${what} ${source}`;
  const unreadable = (error: unknown): Failure =>
    new Failure(`the ${name} cannot be read: ${systemReason(error as NodeJS.ErrnoException)}`);
  try {
    const { stream, stats } = source === '-' ? standardInput() : await openPath(source);
    // Where nobody reads any more when it fails or is ended, nobody needs to know.
    stream.on('error', () => undefined);
    addAbortSignal(stopping, stream);
    return { lines: linesOf(namingErrors(stream, unreadable), lineBytesMax), stats };
  } catch (error) {
    throw unreadable(error);
  }
}

function standardInput(): Source {
  const stats = fstatSync(process.stdin.fd);
  refuseDirectory(stats);
  return { stream: process.stdin, stats };
}

async function openPath(path: string): Promise<Source> {
  const { fd, stats } = await openAtOnce(path);
  if (stats.isFIFO()) return { stream: pipeReader(fd), stats };
  if (isatty(fd)) return { stream: new TerminalStream(fd), stats };
  const stream = createReadStream(path, { fd });
  if (stats.isDirectory()) stream.destroy();
  refuseDirectory(stats);
  return { stream, stats };
}

/** Node takes a directory on standard input for one without commands. */
function refuseDirectory(stats: Stats): void {
  if (stats.isDirectory()) throw new Error('it is a directory');
}

async function* namingErrors(stream: Readable, named: (error: unknown) => Failure): AsyncGenerator<Uint8Array> {
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw named(error);
  }
}
