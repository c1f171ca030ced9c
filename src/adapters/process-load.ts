/** Reads what this process has used. Nothing runs between two readings. */
import { performance } from 'node:perf_hooks';
import type { ProcessLoad } from '../process-load.js';

/**
 * Returns the load at this moment. prom-client's own collectors are not used: their monitor of the event loop's delay
 * wakes an idle process a hundred times a second (0.35 % of a core), and their observers cannot be ended.
 */
export function processLoad(): ProcessLoad {
  const { active, idle } = performance.eventLoopUtilization();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    threads: [{ thread: 'main', activeSeconds: active / 1e3, idleSeconds: idle / 1e3 }],
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
