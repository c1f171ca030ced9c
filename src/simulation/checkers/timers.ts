/**
 * L4: how long a correct replica waits for a leader. Its view timer is base · 1.2^min(i, 8), where i is the number of tenures
 * that have ended without a commit since its last one (DESIGN section 4): whoever has just committed is patient for the base
 * alone, however bad the network has been before. Judged after the healing, when nothing but leaders delays a replica.
 */
import type { Accuse } from '../violation.js';

interface TimerOptions {
  readonly baseTimeoutMs: number;
  readonly tenure: number;
  /** When no fault is left; null for a run that has none. */
  readonly healAt: number | null;
  /** What a Timeout waits for before it leaves, milliseconds: the disk. */
  readonly slackMs: number;
  readonly accuse: Accuse;
}

const GROWTH = 1.2;
const GROWTH_STEPS_MAX = 8;
/** Of the view timer, at most. */
export const TIMER_GROWTH = GROWTH ** GROWTH_STEPS_MAX;

/** Of one replica, in its present life. */
interface Waiting {
  readonly enteredAt: number;
  readonly tenure: number;
  /** The tenure in which it was when this moment began: views and commits of one moment come in any order. */
  readonly tenureBefore: number;
  /** The most tenures that may have ended without a commit when the view was entered. */
  readonly fruitless: number;
  readonly committedAt: number;
  readonly committedTenure: number;
}

/** Accuses a correct replica that has waited longer for a leader than its last commit allows (L4). */
export class TimerChecker {
  readonly #options: TimerOptions;
  readonly #waiting = new Map<number, Waiting>();
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
  }

  entered(replica: number, view: number, now: number): void {
    const before = this.#waiting.get(replica);
    const tenure = Math.floor(view / this.#options.tenure);
    // Of a life that has committed nothing yet nobody knows how many tenures it counts.
    const committedTenure = before?.committedTenure ?? Number.NEGATIVE_INFINITY;
    // A commit of this very moment may come a step too late for the timer of this view.
    const fruitless =
      before?.committedAt === now ? before.fruitless + tenure - before.tenure : tenure - committedTenure;
    this.#waiting.set(replica, {
      enteredAt: now,
      tenure,
      tenureBefore: before === undefined ? tenure : before.enteredAt === now ? before.tenureBefore : before.tenure,
      fruitless,
      committedTenure,
      committedAt: before?.committedAt ?? Number.NEGATIVE_INFINITY,
    });
  }

  committed(replica: number, now: number): void {
    const before = this.#waiting.get(replica);
    if (before === undefined) return;
    const committedTenure = before.enteredAt === now ? before.tenureBefore : before.tenure;
    this.#waiting.set(replica, { ...before, committedAt: now, committedTenure });
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
      `replica ${replica} gave up tenure ${tenure} after ${Math.round(waited)} ms in its view, with ${waiting.fruitless} tenures without a commit before: ${Math.round(patience)} ms at most`,
    );
  }

  #patience({ fruitless }: Waiting): number {
    return this.#options.baseTimeoutMs * GROWTH ** Math.min(fruitless, GROWTH_STEPS_MAX);
  }
}
