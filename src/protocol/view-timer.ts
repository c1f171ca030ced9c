/**
 * How long a replica waits. All in milliseconds and multiples of the cluster's base timeout; `tenuresEndedByTc` counts
 * the tenures that a TC has ended since the last commit.
 */

/** How much longer the view timer gets with each tenure that ends without a commit. */
export const TIMEOUT_GROWTH = 1.2;
/** After how many such tenures it grows no more: at most 1.2^8, about 4.3 times the base. */
export const TIMEOUT_GROWTH_STEPS_MAX = 8;
const RESENDS_PER_TIMEOUT = 4;
const HEARTBEATS_PER_BASE = 3;
const COMMAND_TIMEOUTS = 4;

/**
 * Returns the view timer: base · 1.2^min(i, 8).
 * Growth is bounded and a commit resets it, so that timers neither run away while a network is bad nor stay long when it
 * is good again. Source: DESIGN section 4, Pacemaker; HotStuff, arXiv:1803.05069, section 4.4, doubles without a limit.
 */
export function viewTimeoutMs(baseMs: number, tenuresEndedByTc: number): number {
  return baseMs * TIMEOUT_GROWTH ** Math.min(tenuresEndedByTc, TIMEOUT_GROWTH_STEPS_MAX);
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
 * Returns how long the oldest forwarded command may wait for its commit before a replica gives up on the leader,
 * heartbeats or not: four view timers. It is there against a leader that leaves a client out.
 */
export function commandTimeoutMs(baseMs: number, tenuresEndedByTc: number): number {
  return COMMAND_TIMEOUTS * viewTimeoutMs(baseMs, tenuresEndedByTc);
}
