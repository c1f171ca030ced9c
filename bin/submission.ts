/** Sends the commands of a stream of lines to a cluster, many in flight, and hands on what becomes of each. */
import type { Client, CommandResult } from '../actors/create-client.js';
import { parseLine, renderReply } from '../examples/key-value/index.js';
import type { InputLine } from './lines.js';
import { Failure, messageOf } from './outcome.js';
import type { CommandOutcome, ResultsSink } from './results-file.js';

/**
 * Commands in flight. One session of the client takes them all, so that as long as nothing fails they are committed in
 * the order of the lines; after a failure the order of commands that were in flight together is the log's.
 */
export const IN_FLIGHT_MAX = 512;

/** After this long without any answer something is wrong that waiting does not mend. */
const STALL_MS = 60_000;
/** How long commands in flight may still be answered once the user wants to stop. */
const FINISH_MS = 1500;
const WATCH_MS = 1000;

/** What came of the commands of a file. */
export interface SubmissionTotals {
  /** Lines that were commands, or meant to be. */
  readonly submitted: number;
  readonly committed: number;
  /** Not readable, refused, or without an answer. */
  readonly failed: number;
  /** The highest block that holds one of them; 0 when there is none. */
  readonly height: number;
  /** What is said of the first that failed, with its line; null when none did. */
  readonly firstFailure: string | null;
}

/** Which commands are submitted, and where their results go. */
export interface SubmissionOptions {
  readonly client: Client;
  readonly lines: AsyncIterable<readonly InputLine[]>;
  readonly results: ResultsSink;
  /** Aborted with a Failure, that is why what is in flight then is not answered. */
  readonly stopping: AbortSignal;
  /** Told of each outcome, in the order of acknowledgement. */
  readonly onOutcome?: (outcome: CommandOutcome) => void;
}

/**
 * Resolves when every line has its outcome, or soon after `stopping`. Blank lines are passed over.
 * Holds {@link IN_FLIGHT_MAX} commands and what the results' disk is behind, whatever the length of the input.
 */
export async function submitLines(options: SubmissionOptions): Promise<SubmissionTotals> {
  const submission = new Submission(options);
  const watch = setInterval(() => submission.giveUpIfStalled(), WATCH_MS);
  try {
    await submission.run();
    if (!options.stopping.aborted) options.results.complete();
  } finally {
    clearInterval(watch);
    await options.results.close();
  }
  return submission.totals();
}

class Submission {
  readonly #options: SubmissionOptions;
  /** The lines, by their commands' index, that have no outcome yet. */
  readonly #open = new Map<number, InputLine>();
  #submitted = 0;
  #committed = 0;
  #failed = 0;
  #height = 0;
  #firstFailure: string | null = null;
  #lastAnswerAt = performance.now();
  #givenUp = false;
  /** Called at the next outcome. */
  #awake: (() => void) | null = null;

  constructor(options: SubmissionOptions) {
    this.#options = options;
  }

  totals(): SubmissionTotals {
    return {
      submitted: this.#submitted,
      committed: this.#committed,
      failed: this.#failed,
      height: this.#height,
      firstFailure: this.#firstFailure,
    };
  }

  async run(): Promise<void> {
    const { stopping } = this.#options;
    let hurry: NodeJS.Timeout | undefined;
    const hurryUp = (): void => {
      const { reason } = stopping;
      const why = reason instanceof Failure ? reason.message : 'stopped before an answer came';
      hurry = setTimeout(() => this.#giveUp(why), FINISH_MS);
      this.#awake?.();
    };
    stopping.addEventListener('abort', hurryUp, { once: true });
    try {
      await this.#submitAll();
      while (this.#open.size > 0) await this.#nextOutcome();
    } finally {
      clearTimeout(hurry);
      stopping.removeEventListener('abort', hurryUp);
    }
  }

  giveUpIfStalled(): void {
    if (this.#open.size === 0) this.#lastAnswerAt = performance.now();
    if (performance.now() - this.#lastAnswerAt > STALL_MS) this.#giveUp(`no answer for ${STALL_MS / 1000} s`);
  }

  async #submitAll(): Promise<void> {
    const { lines, results, stopping } = this.#options;
    const ended = (): boolean => stopping.aborted || this.#givenUp;
    try {
      for await (const batch of lines) {
        for (const line of batch) {
          while (this.#open.size >= IN_FLIGHT_MAX && !ended()) await this.#nextOutcome();
          if (ended()) return;
          this.#take(line);
        }
        await results.ready();
      }
    } catch (error) {
      // A stream that was ended because the user stops reports just that.
      if (!stopping.aborted) throw error;
    }
  }

  #take(line: InputLine): void {
    const { text, problem } = line;
    if (problem === null && text.trim() === '') return;
    const index = this.#submitted;
    this.#submitted += 1;
    this.#open.set(index, line);
    const parsed = problem === null ? parseLine(text) : ({ ok: false, error: problem } as const);
    if (!parsed.ok) {
      this.#lost(index, parsed.error);
      return;
    }
    this.#options.client.submit(parsed.command).then(
      (answer) => this.#answered(index, answer),
      (error: unknown) => this.#lost(index, messageOf(error)),
    );
  }

  #answered(index: number, { result, height }: CommandResult): void {
    const line = this.#open.get(index);
    if (line === undefined) return;
    this.#committed += 1;
    this.#height = Math.max(this.#height, height);
    this.#settle({ index, command: line.text, result: renderReply(result), height });
  }

  #lost(index: number, reason: string): void {
    const line = this.#open.get(index);
    if (line === undefined) return;
    this.#failed += 1;
    const error = `line ${line.number}: ${reason}`;
    this.#firstFailure ??= error;
    this.#settle({ index, command: line.text, error, height: null });
  }

  #settle(outcome: CommandOutcome): void {
    this.#open.delete(outcome.index);
    this.#lastAnswerAt = performance.now();
    this.#options.results.append(outcome);
    this.#options.onOutcome?.(outcome);
    this.#awake?.();
  }

  /** Waits no longer: whatever has no answer now is told as lost. It may still be committed. */
  #giveUp(why: string): void {
    this.#givenUp = true;
    for (const index of [...this.#open.keys()]) this.#lost(index, why);
    this.#awake?.();
  }

  #nextOutcome(): Promise<void> {
    return new Promise((resolve) => {
      this.#awake = resolve;
    });
  }
}
