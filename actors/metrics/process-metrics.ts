/** Metrics of the process and its threads, under the names that other programs give them too where there are such. */
import type { ThreadLoad } from '../../src/process-load.js';
import { counter, gauge, type Metric, ofProcess, type Read, sampleOf } from './metric.js';

/** What is known without a replica. */
export const PROCESS_METRICS: readonly Metric[] = [
  counter(
    'hotstuff_thread_active_seconds_total',
    'Time that a thread’s event loop worked; its saturation is the rate of this over that of both.',
    ofThreads(({ activeSeconds }) => activeSeconds),
    ['thread'],
  ),
  counter(
    'hotstuff_thread_idle_seconds_total',
    'Time that a thread’s event loop waited for events.',
    ofThreads(({ idleSeconds }) => idleSeconds),
    ['thread'],
  ),
  counter(
    'process_cpu_user_seconds_total',
    'CPU time of the process in its own code, all threads.',
    ofProcess(({ usage }) => usage.userCpuSeconds),
  ),
  counter(
    'process_cpu_system_seconds_total',
    'CPU time of the process in the system, all threads.',
    ofProcess(({ usage }) => usage.systemCpuSeconds),
  ),
  gauge(
    'process_resident_memory_bytes',
    'Memory of the process.',
    ofProcess(({ usage }) => usage.residentBytes),
  ),
  gauge(
    'process_start_time_seconds',
    'Unix time at which the process started.',
    ofProcess(({ usage }) => usage.startedAtSeconds),
  ),
  gauge(
    'nodejs_heap_size_used_bytes',
    'Memory of JavaScript objects on the main thread.',
    ofProcess(({ usage }) => usage.heapUsedBytes),
  ),
  gauge(
    'nodejs_external_memory_bytes',
    'Memory of buffers and native objects.',
    ofProcess(({ usage }) => usage.externalBytes),
  ),
];

function ofThreads(pick: (thread: ThreadLoad) => number): Read {
  return ({ load }) => load.threads.flatMap((load) => sampleOf(pick(load), { thread: load.thread }));
}
