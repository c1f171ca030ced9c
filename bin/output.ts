/** Where a command writes what the user keeps: a file, a named pipe, or standard output. */
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { pipeWriter } from './pipes.js';

/** What it cannot do rejects with the system's error. */
export interface Output {
  /** Removes what it held before it was opened, where it can hold anything. */
  clear(): Promise<void>;
  /** Resolves when `text` is handed to the system: who waits for that holds no more. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/**
 * Opens `path`, made where it is missing and otherwise left as it is. A named pipe waits for its reader; null when
 * `stopping` is aborted before one comes.
 */
export async function openOutput(path: string, stopping: AbortSignal): Promise<Output | null> {
  // What cannot be looked at is told when it is opened.
  const found = await stat(path).catch(() => null);
  if (found?.isFIFO()) {
    const pipe = await pipeWriter(path, stopping);
    return pipe === null ? null : { clear: nothing, write: writerOf(pipe), close: () => ended(pipe) };
  }
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o666);
  const keeps = (await file.stat()).isFile();
  return {
    clear: keeps ? () => file.truncate() : nothing,
    write: (text) => file.appendFile(text),
    close: () => file.close(),
  };
}

/** Standard output, which stays open. Where it fails, whoever follows the process says so. */
export function standardOutput(): Output {
  const write = writerOf(process.stdout);
  return { clear: nothing, write: (text) => write(text).catch(() => undefined), close: nothing };
}

function writerOf(stream: Writable): (text: string) => Promise<void> {
  // It is told to whoever wrote.
  stream.on('error', () => undefined);
  return (text) =>
    new Promise((resolve, reject) => {
      stream.write(text, (error) => (error ? reject(error) : resolve()));
    });
}

function ended(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve();
    else stream.once('close', resolve).end();
  });
}
