import type { TimerHost } from '../../src/runtime/timers.js';

interface VirtualTimer {
  readonly due: number;
  readonly fire: () => void;
}

/** Runs after which `runUntilIdle` gives up: actors that never come to rest. */
const RUNS_MAX = 10_000;

/**
 * A host's clock, timers and scheduler for tests: time moves by `advance` only, and all goes in one order.
 * `new ActorSystem({ ...time.host, roles, onFailure })`
 */
export class VirtualTime {
  #now = 0;
  #scheduled: (() => void)[] = [];
  /** In the order of starting. */
  readonly #timers = new Set<VirtualTimer>();

  readonly clock = (): number => this.#now;

  readonly schedule = (run: () => void): void => {
    this.#scheduled.push(run);
  };

  readonly timers: TimerHost = {
    start: (delayMs, fire) => {
      const timer = { due: this.#now + delayMs, fire };
      this.#timers.add(timer);
      return timer;
    },
    cancel: (handle) => {
      this.#timers.delete(handle as VirtualTimer);
    },
  };

  /** What an actor system or a port asks of its host. */
  readonly host = { clock: this.clock, timers: this.timers, schedule: this.schedule };

  get now(): number {
    return this.#now;
  }

  get timersRunning(): number {
    return this.#timers.size;
  }

  /** Runs all that is scheduled, and what that schedules, without moving time. */
  runUntilIdle(): void {
    for (let runs = 0; this.#scheduled.length > 0; ) {
      const due = this.#scheduled;
      this.#scheduled = [];
      for (const run of due) run();
      runs += due.length;
      if (runs > RUNS_MAX) throw new Error(`no rest after ${runs} scheduled runs at ${this.#now} ms`);
    }
  }

  /** Moves time forward, firing timers by due time, then by order of starting, and running to idle after each. */
  advance(milliseconds: number): void {
    const until = this.#now + milliseconds;
    this.runUntilIdle();
    for (let timer = this.#nextDue(until); timer !== undefined; timer = this.#nextDue(until)) {
      this.#timers.delete(timer);
      this.#now = timer.due;
      timer.fire();
      this.runUntilIdle();
    }
    this.#now = until;
  }

  #nextDue(until: number): VirtualTimer | undefined {
    let next: VirtualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= until && (next === undefined || timer.due < next.due)) next = timer;
    }
    return next;
  }
}
