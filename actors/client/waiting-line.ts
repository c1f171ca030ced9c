/** Submissions that have no sequence yet, first in first out. Removing the first costs no copy of the others. */
import type { Submission } from './messages.js';

/** Slots before the first one that are kept until they are cut off together. */
const SPENT_MAX = 1024;

/** Keeps submissions in order until their turn comes. It has no bound of its own. */
export class WaitingLine {
  #line: Submission[] = [];
  #first = 0;

  /** Submissions that wait. */
  get size(): number {
    return this.#line.length - this.#first;
  }

  push(submission: Submission): void {
    this.#line.push(submission);
  }

  /** Whose turn is next, which stays; undefined where nobody waits. */
  first(): Submission | undefined {
    return this.#line[this.#first];
  }

  /** Takes the first away. Only where there is one: of an empty line it would take the next that comes. */
  shift(): void {
    this.#first += 1;
    if (this.#first < SPENT_MAX || this.#first < this.#line.length / 2) return;
    this.#line = this.#line.slice(this.#first);
    this.#first = 0;
  }

  /** Empties the line; returns whose turn it was, in order. */
  takeAll(): readonly Submission[] {
    const all = this.#line.slice(this.#first);
    this.#line = [];
    this.#first = 0;
    return all;
  }

  /** Takes those away wherever they stand, in the time that the whole line takes; others of `tickets` are none of its business. */
  remove(tickets: ReadonlySet<number>): void {
    this.#line = this.#line.slice(this.#first).filter((submission) => !tickets.has(submission.ticket));
    this.#first = 0;
  }
}
