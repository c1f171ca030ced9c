/** What the system tells of the calling thread's time. */
import { readFileSync } from 'node:fs';

/**
 * CPU milliseconds that the calling thread has used so far, to a fraction of one. Where the system does not tell (it is
 * asked through Linux' `/proc`), the wall clock stands in for them.
 */
export function threadCpuMs(): number {
  process.cpuUsage(); // has the kernel count up to now: otherwise the file is as old as the scheduler's last tick
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

/**
 * Milliseconds for which the calling thread could have gone on and had no core, so far. Null where the system does not tell: it
 * is asked through Linux' `/proc`.
 */
export function threadWaitMs(): number | null {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return null;
  }
}
