/** CPU time of single threads. Node 20 tells that of the whole process only; Linux tells each thread's in /proc. */
import { readFileSync, readlinkSync } from 'node:fs';

/** In /proc on Linux, whatever the kernel's own ticks are. */
const TICKS_PER_SECOND = 100;

/** Returns the number by which the system knows the calling thread; null where it does not tell. */
export function ownTaskId(): number | null {
  try {
    // `<pid>/task/<number>`, of whoever reads it.
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return null;
  }
}

/** Returns the CPU time of a thread of this process so far, its own code's and the system's, in seconds; null where it is not told. */
export function threadCpuSeconds(taskId: number): number | null {
  try {
    const stat = readFileSync(`/proc/self/task/${taskId}/stat`, 'latin1');
    // The second field is the name, in brackets, and may hold blanks; the 14th and 15th are the times.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}
