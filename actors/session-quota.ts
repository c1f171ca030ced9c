import type { ClientId } from '../src/protocol/numbers.js';

/**
 * How many sessions one source may bring. A client id costs nothing to invent, and every new one puts the longest idle
 * session out of the replicated table: so each source has a share of them in a window of time, and what it brings beyond
 * has to wait.
 */
export interface SessionQuota {
  /**
   * Whether `source` may bring a command of `client` now: an id that it brought in this window already always may, and one
   * that is known from the window before.
   */
  admits(source: string, client: ClientId, now: number): boolean;
}

/** How many clients may begin a session in a window of time. */
export interface SessionQuotaBounds {
  /** Distinct new client ids of one source in a window. */
  readonly ofSource: number;
  /** The same of all sources together. */
  readonly ofAll: number;
  /** Ids that are known in the window after the one in which they came, and new to none; of one source `ofSource` at most. */
  readonly known: number;
  readonly windowMs: number;
}

/** The part of all new ids that sources may bring as they like. The rest is for those that have brought few. */
const FREE_PART = 3 / 4;
/** What is few, as a part of all: 64 sources that want all they can get leave nothing of the rest. */
const FEW_PART = 1 / 256;

/** Ids by the source that brought them. */
type Ids = Map<string, Set<ClientId>>;

/** Makes a quota that nobody has used yet. It remembers no more ids than it admits in one window, and those known from the last. */
export function createSessionQuota({ ofSource, ofAll, known, windowMs }: SessionQuotaBounds): SessionQuota {
  const free = ofAll * FREE_PART;
  const few = Math.max(1, Math.floor(ofAll * FEW_PART));
  let remembered: Ids = new Map();
  /** Those of them that came again in this window. */
  let returned: Ids = new Map();
  let fresh: Ids = new Map();
  let admitted = 0;
  let windowEndsAt = Number.NEGATIVE_INFINITY;

  function enterWindow(now: number): void {
    if (now < windowEndsAt) return;
    windowEndsAt = now + windowMs;
    remembered = knownOf([returned, fresh], { ofSource, known });
    returned = new Map();
    fresh = new Map();
    admitted = 0;
  }

  function isNewTaken(source: string): boolean {
    const brought = fresh.get(source)?.size ?? 0;
    if (admitted >= ofAll || brought >= ofSource) return false;
    return admitted < free || brought < few;
  }

  return {
    admits(source, client, now) {
      enterWindow(now);
      if (fresh.get(source)?.has(client)) return true;
      if (remembered.get(source)?.has(client)) {
        add(returned, source, client);
        return true;
      }
      if (!isNewTaken(source)) return false;
      admitted += 1;
      add(fresh, source, client);
      return true;
    },
  };
}

/** What is known of a window: what was known before goes first, then the sources that brought fewest. */
function knownOf(brought: readonly Ids[], bounds: Pick<SessionQuotaBounds, 'ofSource' | 'known'>): Ids {
  const ids: Ids = new Map();
  let left = bounds.known;
  for (const bySource of brought) {
    const fewestFirst = [...bySource].sort(([, one], [, other]) => one.size - other.size);
    for (const [source, clients] of fewestFirst) {
      const room = Math.min(left, bounds.ofSource - (ids.get(source)?.size ?? 0));
      for (const client of [...clients].slice(0, room)) add(ids, source, client);
      left -= Math.min(room, clients.size);
    }
  }
  return ids;
}

function add(ids: Ids, source: string, client: ClientId): void {
  const known = ids.get(source);
  if (known === undefined) ids.set(source, new Set([client]));
  else known.add(client);
}
