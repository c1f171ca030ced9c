/** What the process and its threads have used of the machine; src/adapters reads it. */

/** One event loop, since its thread started. Saturation is active / (active + idle) between two readings. */
export interface ThreadLoad {
  /** `main`, or how its starter calls it; threads of two replicas in one process may have one name. */
  readonly thread: string;
  readonly activeSeconds: number;
  /** Spent waiting for events. */
  readonly idleSeconds: number;
}

/** What the process has used since it began. */
export interface ProcessUsage {
  readonly userCpuSeconds: number;
  readonly systemCpuSeconds: number;
  readonly residentBytes: number;
  /** Of JavaScript objects. */
  readonly heapUsedBytes: number;
  /** Of buffers and of what native code keeps for JavaScript objects. */
  readonly externalBytes: number;
  /** Unix time. */
  readonly startedAtSeconds: number;
}

/** The load of a process at one moment. */
export interface ProcessLoad {
  readonly threads: readonly ThreadLoad[];
  readonly usage: ProcessUsage;
}
