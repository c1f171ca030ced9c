/** Load on a cluster: a closed loop with so many commands in flight, or an open one at a given rate. */
import { build, type Histogram } from 'hdr-histogram-js';
import type { Client } from '../actors/create-client.js';

/** Who brings the load, which commands, and how many at a time. */
export interface LoadOptions {
  readonly client: Client;
  readonly nextCommand: () => Uint8Array;
  readonly outstanding: number;
  /** Commands a second; 0 for a closed loop. */
  readonly rate: number;
  readonly stopping: AbortSignal;
}

/** What was measured between {@link Load.measure} and {@link Load.finish}. */
export interface LoadFigures {
  readonly committed: number;
  readonly errors: number;
  readonly seconds: number;
  /** The longest time between two answers: how long a change of leader holds everything up. */
  readonly longestGapMs: number;
  /** Microseconds from the moment a command was due until its f+1 equal replies. */
  readonly latencyUs: Histogram;
}

/** An open loop looks this often how many commands are due. */
const TICK_MS = 1;
const LATENCY_MAX_US = 600_000_000;

/** Keeps so many commands in flight, or sends so many a second, until it is finished; counts the answers. */
export class Load {
  readonly #options: LoadOptions;
  #measuring = false;
  #measuredFrom = 0;
  #committed = 0;
  #errors = 0;
  #lastAnswerAt = 0;
  #longestGapMs = 0;
  #latencyUs = newHistogram();
  #finished = false;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  start(): void {
    const { rate, outstanding } = this.#options;
    if (rate > 0) this.#sendAtRate(rate);
    else for (let slot = 0; slot < outstanding; slot += 1) this.#sendAgain();
  }

  /** From now on answers count. */
  measure(): void {
    this.#measuring = true;
    this.#measuredFrom = performance.now();
    this.#lastAnswerAt = this.#measuredFrom;
  }

  /** Answers count no longer, and nothing more is sent. */
  finish(): LoadFigures {
    this.#measuring = false;
    this.#finished = true;
    const now = performance.now();
    const longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAnswerAt);
    const seconds = (now - this.#measuredFrom) / 1000;
    return { committed: this.#committed, errors: this.#errors, seconds, longestGapMs, latencyUs: this.#latencyUs };
  }

  /** Closed loop: every answer makes room for one more command. */
  #sendAgain(): void {
    const dueAt = performance.now();
    this.#options.client.submit(this.#options.nextCommand()).then(
      () => {
        this.#answered(dueAt);
        if (!this.#finished) this.#sendAgain();
      },
      () => this.#failed(),
    );
  }

  /** Open loop: a command's time runs from the moment it was due, even when this process was late to send it. */
  #sendAtRate(rate: number): void {
    const startedAt = performance.now();
    let sent = 0;
    const ticker = setInterval(() => {
      if (this.#finished) clearInterval(ticker);
      const due = Math.floor(((performance.now() - startedAt) * rate) / 1000);
      for (; sent < due && !this.#finished; sent += 1) {
        const dueAt = startedAt + (sent * 1000) / rate;
        this.#options.client.submit(this.#options.nextCommand()).then(
          () => this.#answered(dueAt),
          () => this.#failed(),
        );
      }
    }, TICK_MS);
  }

  #answered(dueAt: number): void {
    if (!this.#measuring) return;
    const now = performance.now();
    this.#committed += 1;
    this.#latencyUs.recordValue(Math.min(LATENCY_MAX_US, Math.round((now - dueAt) * 1000)));
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAnswerAt);
    this.#lastAnswerAt = now;
  }

  #failed(): void {
    if (this.#measuring) this.#errors += 1;
  }
}

/** Three significant digits, up to ten minutes. */
export function newHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: LATENCY_MAX_US, numberOfSignificantValueDigits: 3 });
}
