/**
 * L1 to L6: after a run has healed it must make progress, within bounds of virtual time that follow from the design: views
 * synchronise, new commands commit, all replicas that are up reach one height, every command is answered.
 */
import type { Accuse } from '../violation.js';

export interface LivenessOptions {
  readonly replicas: number;
  readonly baseTimeoutMs: number;
  readonly tenure: number;
  /** The longest that a message takes, milliseconds. */
  readonly delayMaxMs: number;
  /** When no fault is left. */
  readonly healAt: number;
  /** When the last timer that was set before has run out at the latest, milliseconds after. */
  readonly timerMaxMs: number;
  readonly accuse: Accuse;
}

/** What the checker sees of the cluster, at a moment. */
export interface ClusterView {
  readonly now: number;
  /** Of replicas that are up and correct: view, committed height. */
  readonly replicas: readonly { readonly id: number; readonly view: number; readonly height: number }[];
  /** Height of the last non-empty block that anybody has committed. */
  readonly nonEmptyHeight: number;
  /** Commands that clients have asked for and have no answer to. */
  readonly waiting: number;
}

/** Of the growth of the view timer: base · g^m at most, DESIGN section 4. */
export const TIMER_GROWTH = 1.2 ** 8;

export class LivenessChecker {
  readonly #options: LivenessOptions;
  #heightAtHeal: number | null = null;
  #isLive = false;
  #level = false;

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  /** Whether all that must happen after the healing has happened. */
  get satisfied(): boolean {
    return this.#isLive && this.#level;
  }

  /** Virtual milliseconds from the healing until a new block must be committed everywhere (L1): 2f + 3 tenures. */
  get patienceMs(): number {
    const { replicas, baseTimeoutMs, delayMaxMs, timerMaxMs } = this.#options;
    const faulty = Math.floor((replicas - 1) / 3);
    const tenureMs = baseTimeoutMs * TIMER_GROWTH + 8 * delayMaxMs;
    return timerMaxMs + (2 * faulty + 3) * tenureMs;
  }

  /** Called now and then; judges only what is due. */
  look(view: ClusterView): void {
    const { healAt, accuse } = this.#options;
    const since = view.now - healAt;
    if (since < 0) return;
    this.#heightAtHeal ??= view.nonEmptyHeight;
    if (view.nonEmptyHeight > this.#heightAtHeal || view.waiting === 0) this.#isLive = true;
    if (!this.#isLive && since > this.patienceMs) {
      const where = view.replicas.map(({ id, view: in_, height }) => `${id}: view ${in_}, height ${height}`).join('; ');
      accuse('L1', `no new block ${Math.round(since)} ms after the last fault (${where})`);
      this.#isLive = true;
    }
    this.#level ||= view.replicas.every(({ height }) => height >= (this.#heightAtHeal ?? 0));
    if (!this.#level && since > 2 * this.patienceMs) {
      const where = view.replicas.map(({ id, height }) => `${id}: ${height}`).join(', ');
      accuse(
        'L2',
        `some replica has not reached height ${this.#heightAtHeal} ${Math.round(since)} ms after the last fault (${where})`,
      );
      this.#level = true;
    }
  }

  /** At the end of a run that had its time: every command of a client is answered. */
  end(view: ClusterView): void {
    const since = view.now - this.#options.healAt;
    if (view.waiting > 0 && since > 4 * this.patienceMs) {
      this.#options.accuse(
        'L3',
        `${view.waiting} commands have no answer ${Math.round(since)} ms after the last fault`,
      );
    }
  }
}
