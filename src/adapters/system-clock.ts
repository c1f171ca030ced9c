/** Monotonic milliseconds of this process, with fractions. Wall-clock jumps do not move it. */
export function systemClock(): number {
  return performance.now();
}
