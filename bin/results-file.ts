/** The results of commands, one JSON object a line, written as they come. */
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { Failure } from './outcome.js';

/** What became of one command: the machine's answer, or why there is none. */
export type CommandOutcome =
  | {
      readonly index: number;
      readonly command: string;
      readonly result: string | null | { readonly error: string };
      readonly height: number;
    }
  | { readonly index: number; readonly command: string; readonly error: string; readonly height: null };

/** Takes outcomes; `ready` resolves when it wants more of them. */
export interface ResultsSink {
  append(outcome: CommandOutcome): void;
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** Where nobody asked for results. */
export const noResults: ResultsSink = {
  append: () => undefined,
  ready: async () => undefined,
  close: async () => undefined,
};

/** Bytes that may wait for the disk before the commands are held back. */
const WAITING_BYTES_MAX = 1 << 20;

/** Opens `path` for writing and empties it. Lines of one turn are written together. */
export async function openResultsFile(path: string): Promise<ResultsSink> {
  const stream = createWriteStream(path, { highWaterMark: WAITING_BYTES_MAX });
  const failure = failureOf(stream, path);
  await Promise.race([once(stream, 'open'), failure]);
  return new ResultsFile(stream, failure);
}

class ResultsFile implements ResultsSink {
  readonly #stream: WriteStream;
  readonly #failure: Promise<never>;
  #lines: string[] = [];

  constructor(stream: WriteStream, failure: Promise<never>) {
    this.#stream = stream;
    this.#failure = failure;
  }

  append(outcome: CommandOutcome): void {
    if (this.#lines.length === 0) setImmediate(() => this.#flush());
    this.#lines.push(JSON.stringify(outcome));
  }

  async ready(): Promise<void> {
    if (this.#stream.writableNeedDrain) await Promise.race([once(this.#stream, 'drain'), this.#failure]);
  }

  async close(): Promise<void> {
    this.#flush();
    const closed = new Promise<void>((resolve) => this.#stream.end(resolve));
    await Promise.race([closed, this.#failure]);
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    this.#stream.write(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}

function failureOf(stream: WriteStream, path: string): Promise<never> {
  const failure = new Promise<never>((_, reject) => {
    stream.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Failure(`the results file ${path} cannot be written: ${error.code ?? error.message}`));
    });
  });
  // Whoever waits next is told; until then it is nobody's unhandled rejection.
  failure.catch(() => undefined);
  return failure;
}
