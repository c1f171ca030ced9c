import { invariant } from '../errors.js';
import type { Message } from './behaviour.js';

/** Starts and cancels timers for an actor system. `fire` is never called inside `start`, and not after `cancel`. */
export interface TimerHost {
  /** Calls `fire` once, `delayMs` milliseconds from now or later; returns what `cancel` takes. */
  start(delayMs: number, fire: () => void): unknown;
  /** Forgets a timer; one that has fired is no error. */
  cancel(handle: unknown): void;
}

/** One start of a named timer. It stands for its message until that is handled, so a late cancel still counts. */
export interface ArmedTimer {
  readonly kind: 'timer';
  readonly name: string;
  readonly message: Message;
  handle: unknown;
  phase: 'running' | 'fired' | 'over';
}

/**
 * One actor's timers by name. A fired timer's message goes through the mailbox like any other; where its lane has no
 * room it waits here until there is some, so that no timer is ever lost. Bounded by the names that the actor uses.
 */
export class ActorTimers {
  readonly #host: TimerHost;
  readonly #offer: (timer: ArmedTimer) => boolean;
  readonly #armed = new Map<string, ArmedTimer>();
  readonly #waiting = new Set<ArmedTimer>();

  /** `offer` tries to put the timer's message into the mailbox. */
  constructor(host: TimerHost, offer: (timer: ArmedTimer) => boolean) {
    this.#host = host;
    this.#offer = offer;
  }

  /** Timers that run, or have fired and are not handled yet. */
  get size(): number {
    return this.#armed.size;
  }

  /** @throws InvariantViolation for a delay that is no finite number from 0. */
  start(name: string, delayMs: number, message: Message): void {
    invariant(Number.isFinite(delayMs) && delayMs >= 0, `timer ${name}: a delay is a number of milliseconds from 0`);
    this.cancel(name);
    const timer: ArmedTimer = { kind: 'timer', name, message, handle: undefined, phase: 'running' };
    this.#armed.set(name, timer);
    timer.handle = this.#host.start(delayMs, () => this.#fired(timer));
  }

  cancel(name: string): void {
    const timer = this.#armed.get(name);
    if (timer === undefined) return;
    if (timer.phase === 'running') this.#host.cancel(timer.handle);
    this.#end(timer);
  }

  cancelAll(): void {
    for (const name of [...this.#armed.keys()]) this.cancel(name);
  }

  /** Called when the timer's message is about to be handled; false when it was cancelled or replaced meanwhile. */
  claim(timer: ArmedTimer): boolean {
    if (timer.phase === 'over') return false;
    this.#end(timer);
    return true;
  }

  /** Called when the mailbox dropped the timer's message: it waits for room again. */
  dropped(timer: ArmedTimer): void {
    if (timer.phase === 'fired') this.#waiting.add(timer);
  }

  /** Offers again what found no room, in the order of firing. */
  retry(): void {
    for (const timer of this.#waiting) {
      if (this.#offer(timer)) this.#waiting.delete(timer);
    }
  }

  #fired(timer: ArmedTimer): void {
    if (timer.phase !== 'running') return;
    timer.phase = 'fired';
    if (!this.#offer(timer)) this.#waiting.add(timer);
  }

  #end(timer: ArmedTimer): void {
    timer.phase = 'over';
    this.#armed.delete(timer.name);
    this.#waiting.delete(timer);
  }
}
