/** What a pool of threads did so far, and what it has under way. */
export interface PoolCounters {
  /** Threads at this moment, and at most. */
  readonly threads: number;
  readonly threadsMax: number;
  /** Tasks handed to the threads, answered by them, and lost with a thread that died. */
  readonly submitted: number;
  readonly completed: number;
  readonly failed: number;
  /** Tasks done on the thread that asked, since too many waited. */
  readonly inline: number;
  /** Tasks that wait or run. */
  readonly pending: number;
}
