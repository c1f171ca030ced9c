/** Reads what this process has used. Nothing runs between two readings. */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import type { Worker } from 'node:worker_threads';
import type { ProcessLoad, ThreadLoad } from '../process-load.js';
import { ownTaskId, threadCpuSeconds } from './thread-cpu.js';
import { MAIN_THREAD } from './thread-module.js';

/** The threads that this one has started and that run, with their names. */
const workers = new Map<Worker, string>();
const taskIds = new Map<Worker, number>();

/** Has a thread's load read too, until it ends. It need not do anything for that. */
export function readLoadOf(name: string, worker: Worker): void {
  workers.set(worker, name);
  worker.once('exit', () => {
    workers.delete(worker);
    taskIds.delete(worker);
  });
}

/** The thread has told by what number the system knows it: its CPU time can be read from now on. */
export function readCpuOf(worker: Worker, taskId: number): void {
  if (workers.has(worker)) taskIds.set(worker, taskId);
}

/**
 * Returns the CPU seconds of this thread, `main`, and of those that it has started, so far and by name; those of one name
 * are added up. Empty where the system does not tell. What is missing from the process's time went to threads of Node and
 * of its libraries: the disk's, the garbage collector's.
 */
export function threadCpu(): Readonly<Record<string, number>> {
  const seconds: Record<string, number> = {};
  const add = (name: string, taskId: number | null | undefined) => {
    const used = typeof taskId === 'number' ? threadCpuSeconds(taskId) : null;
    if (used !== null) seconds[name] = (seconds[name] ?? 0) + used;
  };
  add(MAIN_THREAD, ownTaskId());
  for (const [worker, name] of workers) add(name, taskIds.get(worker));
  return seconds;
}

/**
 * Returns the load at this moment. prom-client's own collectors are not used: their monitor of the event loop's delay
 * wakes an idle process a hundred times a second (0.35 % of a core), and their observers cannot be ended.
 */
export function processLoad(): ProcessLoad {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    threads: [
      loadOf(MAIN_THREAD, performance.eventLoopUtilization()),
      ...Array.from(workers, ([worker, name]) => loadOf(name, worker.performance.eventLoopUtilization())),
    ],
    usage: {
      userCpuSeconds: user / 1e6,
      systemCpuSeconds: system / 1e6,
      residentBytes: rss,
      heapUsedBytes: heapUsed,
      externalBytes: external,
      startedAtSeconds: performance.timeOrigin / 1e3,
    },
  };
}

function loadOf(thread: string, { active, idle }: EventLoopUtilization): ThreadLoad {
  return { thread, activeSeconds: active / 1e3, idleSeconds: idle / 1e3 };
}
