/** Reads what this process has used. Nothing runs between two readings. */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import type { Worker } from 'node:worker_threads';
import type { ProcessLoad, ThreadLoad } from '../process-load.js';
import { MAIN_THREAD } from './thread-module.js';

/** The threads that this one has started and that run, with their names. */
const workers = new Map<Worker, string>();

/** Has a thread's load read too, until it ends. It need not do anything for that. */
export function readLoadOf(name: string, worker: Worker): void {
  workers.set(worker, name);
  worker.once('exit', () => workers.delete(worker));
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
