import type { TimerHost } from '../runtime/timers.js';

/** The longest delay that Node takes; it fires a longer one at once. */
const LONGEST_MS = 2 ** 31 - 1;

class SystemTimer {
  #timeout: NodeJS.Timeout | undefined;

  start(delayMs: number, fire: () => void): void {
    const rest = delayMs - LONGEST_MS;
    this.#timeout = rest > 0 ? setTimeout(() => this.start(rest, fire), LONGEST_MS) : setTimeout(fire, delayMs);
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }
}

/** Timers of this process. They keep it alive until they fire or are cancelled. */
export const systemTimers: TimerHost = {
  start(delayMs, fire) {
    const timer = new SystemTimer();
    timer.start(delayMs, fire);
    return timer;
  },
  cancel(handle) {
    if (handle instanceof SystemTimer) handle.cancel();
  },
};
