/** What a thread's own clock lacks to the machine's: worker threads begin theirs at zero. */
const BEHIND_MS = machineMs() - performance.now();

/** Monotonic milliseconds, with fractions; the same on all threads. Wall-clock jumps do not move it. */
export function systemClock(): number {
  return performance.now() + BEHIND_MS;
}

function machineMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
