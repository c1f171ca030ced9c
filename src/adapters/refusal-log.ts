import type { Logger } from '../logger.js';
import type { RefusalCause } from './socket-options.js';

/** How often connections were refused, by cause. */
export type RefusalCounts = Partial<Record<RefusalCause, number>>;

/** Counts every refused connection, and logs each cause of each address once in a while. */
export interface RefusalLog {
  refused(cause: RefusalCause, address: string): void;
  readonly counts: RefusalCounts;
}

interface RefusalLogOptions {
  readonly side: string;
  readonly log: Logger;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** Lines in one window; then one that says so, and silence until the next, so that many addresses cannot flood the log. */
  readonly linesMax: number;
  readonly windowMs: number;
}

/** Makes the log of one listener's refusals. */
export function createRefusalLog({ side, log, clock, linesMax, windowMs }: RefusalLogOptions): RefusalLog {
  const counts: RefusalCounts = {};
  const logged = new Set<string>();
  let windowEndsAt = Number.NEGATIVE_INFINITY;
  let silent = false;

  function enterWindow(now: number): void {
    if (now < windowEndsAt) return;
    windowEndsAt = now + windowMs;
    logged.clear();
    silent = false;
  }

  return {
    refused(cause, address) {
      counts[cause] = (counts[cause] ?? 0) + 1;
      enterWindow(clock());
      const key = `${cause} ${address}`;
      if (silent || logged.has(key)) return;
      if (logged.size >= linesMax) {
        silent = true;
        log.warn('connectionRefusalsUnlogged', { side, lines: linesMax, windowMs });
        return;
      }
      logged.add(key);
      log.warn('connectionRefused', { side, cause, address });
    },
    counts,
  };
}
