/**
 * L4: how long a correct replica waits for a leader. Its view timer is base · 1.2^min(i, 8), where i is the number of tenures
 * that have ended without a commit since its last one, and what that commit has left of those before: as many as leave the timer
 * at one and a half times the longest of the last views, and none where those were quick. So whoever has just committed is patient
 * for the base alone, or for little longer than a view takes, however bad the network has been before. Judged after the healing,
 * when nothing but leaders delays a replica.
 */

import type { Accuse } from '../violation.js';
import { LatestViews } from './latest-views.js';

interface TimerOptions {
  readonly baseTimeoutMs: number;
  readonly tenure: number;
  /** When no fault is left; null for a run that has none. */
  readonly healAt: number | null;
  /** What a Timeout waits for before it leaves, milliseconds: the disk. */
  readonly slackMs: number;
  /** At what rate a replica's clock may run, 1 at least, and when one leaps for the last time. */
  readonly clocks: { readonly fastest: number; readonly lastJump: number };
  readonly accuse: Accuse;
}

const GROWTH = 1.2;
const GROWTH_STEPS_MAX = 8;
const VIEWS_PER_TIMEOUT = 1.5;
/** Of the view timer, at most. */
export const TIMER_GROWTH = GROWTH ** GROWTH_STEPS_MAX;

/** Of one replica, in its present life. */
interface Waiting {
  readonly enteredAt: number;
  readonly tenure: number;
  /** The tenure in which it was when this moment began: views and commits of one moment come in any order. */
  readonly tenureBefore: number;
  /** The most tenures that its timer may have grown by when the view was entered. */
  readonly grown: number;
  readonly committedAt: number;
  readonly committedTenure: number;
  /** What the last commit has left of that at most. */
  readonly kept: number;
}

/** Accuses a correct replica that has waited longer for a leader than its last commit allows (L4). */
export class TimerChecker {
  readonly #options: TimerOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #views = new Map<number, LatestViews>();
  /** When the last view was entered in which each has sent a Timeout: what it gives up after that, others may have before it. */
  readonly #givenUp = new Map<number, number>();
  /**
   * When the last view was entered in which each has sent something before it may have given up (a base after it, where no
   * tenure has ended without a commit), and has lost no connection since.
   */
  readonly #spoke = new Map<number, number>();

  constructor(options: TimerOptions) {
    this.#options = options;
  }

  booted(replica: number): void {
    this.#waiting.delete(replica);
    this.#views.delete(replica);
  }

  entered(replica: number, view: number, now: number): void {
    const before = this.#waiting.get(replica);
    const tenure = Math.floor(view / this.#options.tenure);
    this.#viewsOf(replica).entered(view, now);
    // Of a life that has committed nothing yet nobody knows how many tenures it counts.
    const committedTenure = before?.committedTenure ?? Number.NEGATIVE_INFINITY;
    const kept = before?.kept ?? 0;
    // A commit of this very moment may come a step too late for the timer of this view.
    const grown = before?.committedAt === now ? before.grown + tenure - before.tenure : kept + tenure - committedTenure;
    this.#waiting.set(replica, {
      enteredAt: now,
      tenure,
      tenureBefore: before === undefined ? tenure : before.enteredAt === now ? before.tenureBefore : before.tenure,
      grown,
      committedTenure,
      committedAt: before?.committedAt ?? Number.NEGATIVE_INFINITY,
      kept,
    });
  }

  committed(replica: number, now: number): void {
    const before = this.#waiting.get(replica);
    if (before === undefined) return;
    const committedTenure = before.enteredAt === now ? before.tenureBefore : before.tenure;
    const grown = before.grown - (before.tenure - committedTenure);
    const kept = Math.min(grown, this.#neededBy(replica));
    this.#waiting.set(replica, { ...before, committedAt: now, committedTenure, kept });
  }

  /** A correct replica sends something to somebody; a Timeout is told besides, to {@link gaveUp}, after it. */
  sent(replica: number, now: number): void {
    const waiting = this.#waiting.get(replica);
    if (waiting === undefined || now <= waiting.enteredAt) return;
    if (now > waiting.enteredAt + this.#options.baseTimeoutMs) return;
    this.#spoke.set(replica, waiting.enteredAt);
  }

  /** It has lost a connection: until it sends something again, nobody knows whether it has any. */
  disconnected(replica: number): void {
    this.#spoke.delete(replica);
  }

  /** It gives a tenure up, for the first time or again. */
  gaveUp(replica: number, tenure: number, now: number): void {
    const waiting = this.#waiting.get(replica);
    if (waiting === undefined || this.#givenUp.get(replica) === waiting.enteredAt) return;
    this.#givenUp.set(replica, waiting.enteredAt);
    const { healAt, slackMs, accuse } = this.#options;
    if (healAt === null || waiting.enteredAt < healAt) return;
    const patience = this.#patience(waiting) + slackMs;
    const waited = now - waiting.enteredAt;
    // Who had nobody to speak to while it waited has given up then, and comes to say so only now.
    if (waited <= patience || this.#spoke.get(replica) !== waiting.enteredAt) return;
    accuse(
      'L4',
      `replica ${replica} gave up tenure ${tenure} after ${Math.round(waited)} ms in its view, whose timer has grown ${waiting.grown} times: ${Math.round(patience)} ms at most`,
    );
  }

  /** By how many tenures a timer must have grown to be as long as its last views allow. */
  #neededBy(replica: number): number {
    const { baseTimeoutMs, slackMs, clocks } = this.#options;
    const longestMs = this.#viewsOf(replica).longestMs(clocks.lastJump) * clocks.fastest + slackMs;
    const times = (VIEWS_PER_TIMEOUT * longestMs) / baseTimeoutMs;
    return Math.max(0, Math.ceil(Math.log(times) / Math.log(GROWTH)));
  }

  #viewsOf(replica: number): LatestViews {
    const views = this.#views.get(replica) ?? new LatestViews(this.#options.tenure);
    this.#views.set(replica, views);
    return views;
  }

  #patience({ grown }: Waiting): number {
    return this.#options.baseTimeoutMs * GROWTH ** Math.min(grown, GROWTH_STEPS_MAX);
  }
}
