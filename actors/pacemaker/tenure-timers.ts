import type { View } from '../../src/protocol/numbers.js';
import { commandTimeoutMs, heartbeatMs, resendMs, tenuresKept, viewTimeoutMs } from '../../src/protocol/view-timer.js';
import type { PacemakerEffect } from '../roles.js';
import type { PacemakerMessage } from './messages.js';
import { RecentViews } from './recent-views.js';

const TIMERS = ['view', 'resend', 'heartbeat', 'command'] as const;

/**
 * How long a leader is waited for, whoever decides when to propose: the view timer, re-sending, the heartbeat, and the
 * patience with a leader that leaves a command out. What it returns are effects that start or cancel one timer each.
 * Source: Jolteon, arXiv:2106.10362, section 3; departure: the timer grows by tenures, and only
 * a commit shortens it, to what the views of late need.
 */
export class TenureTimers {
  readonly #baseMs: number;
  readonly #views = new RecentViews();
  #tenureEnteredAt = 0;
  /** Tenures ended by a TC since the last commit, and those before that the views still need: what the timers grow with. */
  #tenuresTimedOut = 0;
  #oldestSince: number | null = null;

  /** `baseMs`: base of the view timer, milliseconds. */
  constructor(baseMs: number) {
    this.#baseMs = baseMs;
  }

  /** A view is entered: where a TC has ended the tenure before, the timers grow. */
  enterView({ view, by }: Extract<PacemakerMessage, { type: 'viewEntered' }>, now: number): void {
    if (by === 'tc') this.#tenuresTimedOut += 1;
    this.#views.entered(view, by === 'qc', now);
  }

  /** A block was committed; the timers are as short again as the last views allow. */
  committed(): void {
    this.#tenuresTimedOut = tenuresKept({
      baseMs: this.#baseMs,
      tenuresEndedByTc: this.#tenuresTimedOut,
      longestViewMs: this.#views.longestMs,
    });
  }

  /** A tenure begins, and its leader has the whole time for what waits. */
  enterTenure(now: number): PacemakerEffect {
    this.#tenureEnteredAt = now;
    return this.#command(now);
  }

  /** Commands wait for the leader since `oldestSince`, null when none does. Null where that is no news. */
  changeOldest(oldestSince: number | null, now: number): PacemakerEffect | null {
    if (oldestSince === this.#oldestSince) return null;
    this.#oldestSince = oldestSince;
    return this.#command(now);
  }

  /** The command timer has expired: starts it anew where what waits still has time, null where it has none. */
  commandExpired(now: number): PacemakerEffect | null {
    const overdue = this.#oldestSince !== null && now >= this.#commandDeadline(this.#oldestSince);
    return overdue ? null : this.#command(now);
  }

  view(view: View): PacemakerEffect {
    const delayMs = viewTimeoutMs(this.#baseMs, this.#tenuresTimedOut);
    return { type: 'startTimer', timer: 'view', delayMs, message: { type: 'viewTimerExpired', view } };
  }

  /** Counts from when something may have been sent: an idle replica is not woken before its heartbeat to send nothing. */
  resend(view: View, idle: boolean): PacemakerEffect {
    const nothingSentMs = idle ? heartbeatMs(this.#baseMs) : 0;
    const delayMs = nothingSentMs + resendMs(this.#baseMs, this.#tenuresTimedOut);
    return { type: 'startTimer', timer: 'resend', delayMs, message: { type: 'resendTimerExpired', view } };
  }

  heartbeat(view: View): PacemakerEffect {
    const delayMs = heartbeatMs(this.#baseMs);
    return { type: 'startTimer', timer: 'heartbeat', delayMs, message: { type: 'heartbeatDue', view } };
  }

  /** Cancels every timer that these start. */
  cancelAll(): readonly PacemakerEffect[] {
    return TIMERS.map((timer) => ({ type: 'cancelTimer', timer }));
  }

  #command(now: number): PacemakerEffect {
    if (this.#oldestSince === null) return { type: 'cancelTimer', timer: 'command' };
    const delayMs = Math.max(0, this.#commandDeadline(this.#oldestSince) - now);
    return { type: 'startTimer', timer: 'command', delayMs, message: { type: 'commandTimerExpired' } };
  }

  /** Counts from the later of the command's acceptance and the tenure's start: each leader gets the whole time. */
  #commandDeadline(oldestSince: number): number {
    const patience = commandTimeoutMs(this.#baseMs, this.#tenuresTimedOut);
    return Math.max(oldestSince, this.#tenureEnteredAt) + patience;
  }
}
