/**
 * How long a replica waits. All in milliseconds and multiples of the cluster's base timeout; `tenuresEndedByTc` counts
 * the tenures that a TC has ended since the last commit, and those before it that {@link tenuresKept}.
 */

/** What a replica knows of its waiting when it commits a block. */
export interface CommittedAfter {
  readonly baseMs: number;
  readonly tenuresEndedByTc: number;
  /** 0 where none has been measured. */
  readonly longestViewMs: number;
}

/** How much longer the view timer gets with each tenure that ends without a commit. */
export const TIMEOUT_GROWTH = 1.2;
/** After how many such tenures it grows no more: at most 1.2^8, about 4.3 times the base. */
export const TIMEOUT_GROWTH_STEPS_MAX = 8;
/**
 * How many times the longest view of late the view timer still is after a commit, as far as TCs have brought it there. A view
 * takes two messages, one after the other, and the last one of a tenure takes three at its leader, and one at the next: half as
 * long again as any other is the least that is sure to come. Twice would cost tenures of one view a sixth of their blocks with
 * one of four dead. An idle view waits for a heartbeat, a third of the base, and keeps no timer unless messages are slow too.
 */
const VIEWS_PER_TIMEOUT = 1.5;
const RESENDS_PER_TIMEOUT = 4;
const HEARTBEATS_PER_BASE = 3;
const COMMAND_TIMEOUTS = 4;

/**
 * Returns the view timer: base · 1.2^min(i, 8).
 * Growth is bounded and a commit takes back what of it views do not need, so that timers neither run away while a network is
 * bad nor stay long when it is good again. Source: DESIGN section 4, Pacemaker; HotStuff, arXiv:1803.05069, section 4.4,
 * doubles without a limit.
 */
export function viewTimeoutMs(baseMs: number, tenuresEndedByTc: number): number {
  return baseMs * TIMEOUT_GROWTH ** Math.min(tenuresEndedByTc, TIMEOUT_GROWTH_STEPS_MAX);
}

/**
 * Returns how many of the tenures that a TC has ended still count once a block is committed: none where views are quick beside
 * the base timeout; else as many as leave the view timer at one and a half times the longest view of late, and never more than there were.
 * Departure: in DESIGN section 4 a commit resets them. Where a view takes longer than the base timeout, the first commit of a
 * tenure then takes back the patience by which it came about, and timers climb through useless tenures again. With messages of
 * 425 ms and a base of 500 (`test/corpus/far-away-and-ahead`), at one of three replicas: at 11.8 s it enters view 7000 by the
 * seventh TC, with a timer of 1792 ms; at 14.3 s its first block is committed, 500 ms; at 15.7 s view 8000 by a TC, 600 ms; 9000,
 * 10000 and so on without a commit; at 24.3 s view 14000, 1792 ms, and at 27.6 s the next commit. A speculative machine has not
 * answered when the first block of a tenure is proposed, so all that is committed is empty.
 * A leader that is slow on purpose keeps timers where TCs have brought them while it leads, and brings them no higher.
 */
export function tenuresKept({ baseMs, tenuresEndedByTc, longestViewMs }: CommittedAfter): number {
  const neededMs = VIEWS_PER_TIMEOUT * longestViewMs;
  let kept = 0;
  while (kept < Math.min(tenuresEndedByTc, TIMEOUT_GROWTH_STEPS_MAX) && viewTimeoutMs(baseMs, kept) < neededMs)
    kept += 1;
  return kept;
}

/** Returns after how long a proposal or vote that led to nothing is sent again: a quarter of the view timer. */
export function resendMs(baseMs: number, tenuresEndedByTc: number): number {
  return viewTimeoutMs(baseMs, tenuresEndedByTc) / RESENDS_PER_TIMEOUT;
}

/** Returns how often an idle leader proposes an empty block: a third of the base, which no view timer undercuts. */
export function heartbeatMs(baseMs: number): number {
  return baseMs / HEARTBEATS_PER_BASE;
}

/**
 * Returns how long a replica waits for one part of what it has handed on to be committed before it gives up on the leader,
 * heartbeats or not: four view timers. It is there against a leader that leaves a client out.
 */
export function commandTimeoutMs(baseMs: number, tenuresEndedByTc: number): number {
  return COMMAND_TIMEOUTS * viewTimeoutMs(baseMs, tenuresEndedByTc);
}
