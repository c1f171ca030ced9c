/**
 * L6: how often a client sends one command to one correct replica in a second of virtual time, whatever replicas tell it.
 *
 * A command goes to a replica when it is submitted; four times at the most while its retry time doubles up to eightfold, and
 * after that once in eight of them; once more for each replica that refuses it, and for a connection that is lost; and once for
 * each answer that a pool is full, after pauses that double from 25 ms to a second: five in a second, the fourth of which is a
 * retry to others too. So it is whatever is answered, and how often.
 */
import type { ClientRequest } from '../../wire/client-messages.js';
import type { Accuse } from '../violation.js';

interface ClientLoadOptions {
  readonly replicas: number;
  readonly baseTimeoutMs: number;
  /** Whether it lies: who floods itself does no harm. */
  readonly isHonest: (replica: number) => boolean;
  readonly accuse: Accuse;
}

/** Virtual milliseconds of a window, as long as which copies are counted. */
const WINDOW_MS = 1000;
/** The first copy, four retries, one for a lost connection, and those after a full pool; one for each replica besides. */
const COPIES_MAX = 11;
/** Retry times between two retries in the long run. */
const RETRY_GROWTH = 8;

interface Window {
  readonly since: number;
  /** By sequence, of all sessions of a client: `session/sequence`. */
  readonly copies: Map<string, number>;
}

/** Accuses clients of sending a command again without rest; once. */
export class ClientLoadChecker {
  readonly #options: ClientLoadOptions;
  readonly #windows = new Map<number, Window>();
  #flooded = false;

  constructor(options: ClientLoadOptions) {
    this.#options = options;
  }

  /** A client has sent a replica a request. */
  requested(to: number, request: ClientRequest, now: number): void {
    if (request.type !== 'submit' || this.#flooded || !this.#options.isHonest(to)) return;
    const { copies, since } = this.#window(to, now);
    for (const { sequence } of request.commands) {
      const name = `${request.client}/${sequence}`;
      const count = (copies.get(name) ?? 0) + 1;
      copies.set(name, count);
      if (count > this.#most) return this.#accuse(`command ${name} came to replica ${to} ${count} times`, now - since);
    }
  }

  get #most(): number {
    const { replicas, baseTimeoutMs } = this.#options;
    return COPIES_MAX + replicas + Math.ceil(WINDOW_MS / (RETRY_GROWTH * baseTimeoutMs));
  }

  #accuse(what: string, ms: number): void {
    this.#flooded = true;
    this.#options.accuse('L6', `${what} within ${ms.toFixed(1)} ms; ${this.#most} at most in ${WINDOW_MS} ms`);
  }

  #window(replica: number, now: number): Window {
    const window = this.#windows.get(replica);
    if (window !== undefined && now - window.since < WINDOW_MS) return window;
    const fresh = { since: now, copies: new Map<string, number>() };
    this.#windows.set(replica, fresh);
    return fresh;
  }
}
