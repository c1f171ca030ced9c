/**
 * One simulated process: the clock, timers and scheduler of everything that runs in it. It may be paused (whatever is
 * for it waits), slow, or have a clock that runs fast or slow or jumps, and it ends by a crash, after which nothing that
 * was for it happens any more.
 */
import type { TimerHost } from '../runtime/timers.js';
import type { EventKind, ScheduledEvent, Scheduler } from './scheduler.js';

/** Runs without rest after which the actors of one instant are taken for a bug. */
const RUNS_MAX = 100_000;

/** The host of one replica or client in a simulation. After a crash a restart takes a new one. */
export class SimulatedProcess {
  readonly name: string;
  readonly #scheduler: Scheduler;
  readonly #onTimer: (() => void) | undefined;
  #alive = true;
  #paused: (() => void)[] | null = null;
  /** Added to every input that reaches it: how slow it is, milliseconds. */
  slowMs = 0;
  #rate = 1;
  #skewMs = 0;
  /** When the rate was set, in virtual and in its own time. */
  #rateSince = 0;
  #localSince = 0;
  #runs: (() => void)[] = [];
  /** When each timer that has not fired will: what fires it, in the order in which they were started. */
  readonly #timers = new Map<() => void, ScheduledEvent>();

  /** `onTimer` is told of each of its timers that fires, before anything comes of it. */
  constructor(name: string, scheduler: Scheduler, onTimer?: () => void) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#onTimer = onTimer;
    this.#rateSince = scheduler.now;
    this.#localSince = scheduler.now;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get paused(): boolean {
    return this.#paused !== null;
  }

  /** Its own monotonic clock, milliseconds. */
  readonly clock = (): number => this.#localSince + (this.#scheduler.now - this.#rateSince) * this.#rate + this.#skewMs;

  /** For an actor system: runs once the present event's work is done, at the same instant. */
  readonly schedule = (run: () => void): void => {
    this.#runs.push(run);
  };

  readonly timers: TimerHost = {
    start: (delayMs, fire) => this.#startTimer(delayMs / this.#rate, fire),
    cancel: (handle) => this.#cancelTimer(handle as () => void),
  };

  /** Something that happens to this process after `delayMs` of virtual time, unless it crashes before. */
  later(delayMs: number, kind: EventKind, happen: () => void): ScheduledEvent {
    return this.#scheduler.after(delayMs, kind, () => this.enter(happen));
  }

  /** Lets something happen to it now: at once, after its pause, or never. */
  enter(happen: () => void): void {
    if (!this.#alive) return;
    if (this.#paused !== null) {
      this.#paused.push(happen);
      return;
    }
    happen();
    this.#runUntilIdle();
  }

  /** Does what its actors still have to do at this instant. */
  #runUntilIdle(): void {
    for (let runs = 0; this.#runs.length > 0; runs += 1) {
      if (runs > RUNS_MAX) throw new Error(`${this.name} does not come to rest at ${this.#scheduler.now} ms`);
      const due = this.#runs;
      this.#runs = [];
      for (const run of due) if (this.#alive) run();
    }
  }

  /** `factor` 1.1: its clock runs a tenth too fast from now on, and what is left of its timers passes as fast. */
  setClockRate(factor: number): void {
    const { now } = this.#scheduler;
    const stretch = this.#rate / factor;
    this.#localSince = this.clock() - this.#skewMs;
    this.#rateSince = now;
    this.#rate = factor;
    if (stretch === 1) return;
    for (const [fired, event] of this.#timers) {
      this.#scheduler.cancel(event);
      this.#timers.set(fired, this.#scheduler.after((event.at - now) * stretch, 'timer', fired));
    }
  }

  /** Its monotonic clock leaps forward, as after a sleep of the machine. Timers take as long as before. */
  jumpClock(milliseconds: number): void {
    this.#skewMs += milliseconds;
  }

  pause(): void {
    this.#paused ??= [];
  }

  /** What came meanwhile happens now, in the order in which it came. */
  resume(): void {
    const waiting = this.#paused ?? [];
    this.#paused = null;
    for (const happen of waiting) this.enter(happen);
  }

  /** It is no more: no timer, no frame, no completion of anything it asked for. */
  crash(): void {
    this.#alive = false;
    this.#paused = null;
    this.#runs = [];
  }

  #startTimer(delayMs: number, fire: () => void): () => void {
    const fired = (): void => {
      this.#timers.delete(fired);
      if (this.#alive) this.#onTimer?.();
      this.enter(fire);
    };
    this.#timers.set(fired, this.#scheduler.after(delayMs, 'timer', fired));
    return fired;
  }

  #cancelTimer(fired: () => void): void {
    const event = this.#timers.get(fired);
    if (event === undefined) return;
    this.#timers.delete(fired);
    this.#scheduler.cancel(event);
  }
}
