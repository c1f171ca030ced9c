/** The results of commands, one JSON object a line, written as they come. */
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { systemReason } from '../src/adapters/system-reason.js';
import { Failure, UsageError } from './outcome.js';
import { type Output, openOutput, standardOutput } from './output.js';

/** What became of one command: the machine's answer, or why there is none. */
export type CommandOutcome =
  | {
      readonly index: number;
      readonly command: string;
      readonly result: string | null | { readonly error: string };
      readonly height: number;
    }
  | { readonly index: number; readonly command: string; readonly error: string; readonly height: null };

/** Takes outcomes, and rejects with a Failure where they cannot be kept. */
export interface ResultsSink {
  append(outcome: CommandOutcome): void;
  /** Resolves when it wants more of them. */
  ready(): Promise<void>;
  /** Every command has had its outcome: what the file held before goes, even where there was none. */
  complete(): void;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

/** Where nobody asked for results. */
export const noResults: ResultsSink = {
  append: () => undefined,
  ready: async () => undefined,
  complete: () => undefined,
  close: async () => undefined,
};

/** Lines that may wait for the disk before the commands are held back. */
const WAITING_LINES_MAX = 10_000;

/**
 * Opens `path` for writing, `-` being standard output. What it holds stays until the first result, so that a run that
 * comes to nothing takes nothing away.
 */
export async function openResultsFile(path: string, stopping: AbortSignal): Promise<ResultsSink> {
  const output = await (path === '-'
    ? standardOutput()
    : openOutput(path, stopping).catch((error) => {
        throw cannotBeWritten(path, error);
      }));
  return output === null ? noResults : new ResultsFile(path, output);
}

/**
 * Refuses to write results over the commands, whatever names lead to the one file.
 * @throws UsageError when `path` is the file that `commands` are the facts of.
 */
export async function refuseCommandsFile(path: string, commands: Stats): Promise<void> {
  // What cannot be looked at is told when it is opened.
  const results = await stat(path).catch(() => null);
  if (!commands.isFile() || results?.dev !== commands.dev || results.ino !== commands.ino) return;
  throw new UsageError(`--results is ${path}, the file of the commands; name another`);
}

class ResultsFile implements ResultsSink {
  readonly #path: string;
  readonly #output: Output;
  /** Whether an older content may be there to be replaced. */
  #older = true;
  #lines: string[] = [];
  #writing: Promise<void> | null = null;
  #failure: Failure | null = null;

  constructor(path: string, output: Output) {
    this.#path = path;
    this.#output = output;
  }

  append(outcome: CommandOutcome): void {
    if (this.#failure !== null) return;
    this.#lines.push(JSON.stringify(outcome));
    this.#writing ??= this.#write();
  }

  async ready(): Promise<void> {
    if (this.#lines.length >= WAITING_LINES_MAX) await this.#writing;
    if (this.#failure !== null) throw this.#failure;
  }

  complete(): void {
    this.#writing ??= this.#write();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#output.close().catch((error: NodeJS.ErrnoException) => this.#fail(error));
    if (this.#failure !== null) throw this.#failure;
  }

  /** Writes until nothing waits. What comes meanwhile goes out together, a write for all of it. */
  async #write(): Promise<void> {
    try {
      // Lines of one turn go together.
      await new Promise(setImmediate);
      if (this.#older) await this.#output.clear();
      this.#older = false;
      while (this.#lines.length > 0 && this.#failure === null) {
        const text = `${this.#lines.join('\n')}\n`;
        this.#lines = [];
        await this.#output.write(text);
      }
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
    }
    this.#writing = null;
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#failure ??= cannotBeWritten(this.#path, error);
  }
}

function cannotBeWritten(path: string, error: NodeJS.ErrnoException): Failure {
  return new Failure(`the results file ${path} cannot be written: ${systemReason(error)}`);
}
