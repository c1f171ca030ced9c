import type { ClientId } from '../src/protocol/numbers.js';

/**
 * How many sessions one source may bring. A client id costs nothing to invent, and every new one puts the longest idle
 * session out of the replicated table: so each source has a share of them in a window of time, and what it brings beyond
 * has to wait.
 */
export interface SessionQuota {
  /** Whether `source` may bring a command of `client` now: an id that it brought in this window already always may. */
  admits(source: string, client: ClientId, now: number): boolean;
}

/** How many clients may begin a session in a window of time. */
export interface SessionQuotaBounds {
  /** Distinct client ids of one source in a window. */
  readonly ofSource: number;
  /** The same of all sources together. */
  readonly ofAll: number;
  readonly windowMs: number;
}

/** Makes a quota that nobody has used yet. It remembers no more ids than it admits in one window. */
export function createSessionQuota({ ofSource, ofAll, windowMs }: SessionQuotaBounds): SessionQuota {
  const bySource = new Map<string, Set<ClientId>>();
  let admitted = 0;
  let windowEndsAt = Number.NEGATIVE_INFINITY;

  function enterWindow(now: number): void {
    if (now < windowEndsAt) return;
    windowEndsAt = now + windowMs;
    bySource.clear();
    admitted = 0;
  }

  return {
    admits(source, client, now) {
      enterWindow(now);
      const known = bySource.get(source);
      if (known?.has(client)) return true;
      if (admitted >= ofAll || (known?.size ?? 0) >= ofSource) return false;
      admitted += 1;
      if (known === undefined) bySource.set(source, new Set([client]));
      else known.add(client);
      return true;
    },
  };
}
