/**
 * L6: what one correct replica may do in a second of virtual time, faults or none. A replica that starts a timer which is due
 * already, again and again, does nothing wrong and gets nothing done: virtual time stands still, and the run ends with its
 * events. So do two that answer each other for ever.
 *
 * Timers: none but two (what rests before it is written, and who waits for blocks to be served) can be as short as a
 * millisecond, with limits that are tight; those for peers come every 50 ms at most; those of the pacemaker a few times a base
 * timeout. Messages: each goes out for a view that was entered, or for a timer (DESIGN section 4), to some or all. Not counted
 * are those to liars, who may ask as often as they like, blocks that are fetched, which come as fast as disks read them, and
 * commands, which come as fast as clients have them.
 */
import type { Accuse } from '../violation.js';

interface ReplicaLoadOptions {
  readonly replicas: number;
  readonly baseTimeoutMs: number;
  /** Whether it lies. */
  readonly isHonest: (replica: number) => boolean;
  readonly accuse: Accuse;
}

/** Virtual milliseconds of a window, as long as which what a replica does is counted. */
const WINDOW_MS = 1000;
/** Timers in a window: two each millisecond, */
const TIMERS_MAX = 2000;
/** for each replica, */
const TIMERS_PER_REPLICA = 100;
/** and for each base timeout. Of the pacemaker some ten are due then. */
const TIMERS_PER_BASE = 100;
/** Messages to each replica for a view or a timer: ten times what runs of faults and liars came to. */
const MESSAGES_PER_CAUSE = 12;
/** Causes that lie before the window, or are none of these: a connection, a command, a Timeout that is answered. */
const OTHER_CAUSES = 40;

interface Window {
  readonly since: number;
  timers: number;
  views: number;
  messages: number;
}

/** Accuses a correct replica of timers or messages without end; once for each. */
export class ReplicaLoadChecker {
  readonly #options: ReplicaLoadOptions;
  readonly #windows = new Map<number, Window>();
  #stormy = false;
  #restless = false;

  constructor(options: ReplicaLoadOptions) {
    this.#options = options;
  }

  /** A timer of a correct replica has fired. */
  timerFired(replica: number, now: number): void {
    const window = this.#window(replica, now);
    window.timers += 1;
    if (this.#restless || window.timers <= this.#timersMax) return;
    this.#restless = true;
    this.#accuse(`${window.timers} timers of replica ${replica} fired within`, now - window.since, this.#timersMax);
  }

  /** A correct replica has entered a view. */
  entered(replica: number, now: number): void {
    this.#window(replica, now).views += 1;
  }

  /** A correct replica sends a message of such a type. */
  sent(from: number, to: number, type: string, now: number): void {
    if (UNCOUNTED.has(type) || !this.#options.isHonest(to)) return;
    const window = this.#window(from, now);
    window.messages += 1;
    const causes = window.timers + window.views + OTHER_CAUSES;
    const most = MESSAGES_PER_CAUSE * this.#options.replicas * causes;
    if (this.#stormy || window.messages <= most) return;
    this.#stormy = true;
    const what = `replica ${from} sent ${window.messages} messages for ${window.views} views and ${window.timers} timers within`;
    this.#accuse(what, now - window.since, most);
  }

  get #timersMax(): number {
    const { replicas, baseTimeoutMs } = this.#options;
    return TIMERS_MAX + TIMERS_PER_REPLICA * replicas + (TIMERS_PER_BASE * WINDOW_MS) / baseTimeoutMs;
  }

  #accuse(what: string, ms: number, most: number): void {
    this.#options.accuse('L6', `${what} ${ms.toFixed(1)} ms; ${Math.round(most)} at most in ${WINDOW_MS} ms`);
  }

  #window(replica: number, now: number): Window {
    const window = this.#windows.get(replica);
    if (window !== undefined && now - window.since < WINDOW_MS) return window;
    const fresh = { since: now, timers: 0, views: 0, messages: 0 };
    this.#windows.set(replica, fresh);
    return fresh;
  }
}

/** Blocks that are asked for and given away, and the commands of clients. */
const UNCOUNTED: ReadonlySet<string> = new Set(['fetchRequest', 'fetchAnswer', 'commands']);
