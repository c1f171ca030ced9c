/** One run with a speculative machine: a fresh cluster of processes behind delaying proxies, and what was measured. */
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeBasePort } from '../src/adapters/free-ports.js';
import { initCluster } from '../src/adapters/init-cluster.js';
import { systemClock } from '../src/adapters/system-clock.js';
import { makeTemporaryDirectory } from '../src/adapters/temporary-directory.js';
import { clusterDefaults } from '../src/config/create-cluster.js';
import { Child } from './child.js';
import { type DelayProxy, startDelayProxy } from './delay-proxy.js';
import { type CpuReading, speculationCpu } from './speculation-cpu.js';
import { type SpeculationRun, speculationFigures } from './speculation-figures.js';
import type { SpeculationJob } from './speculation-process.js';
import type { SpeculationRecord } from './speculation-record.js';
import type { SpeculationSettings } from './speculation-settings.js';

type ReplicaChild = Child<SpeculationJob, SpeculationRecord>;

/**
 * Runs a cluster with `settings` once; null when it was stopped before its time. Rejects when a process fails; everything
 * is ended and removed in any case.
 */
export async function runSpeculation(
  settings: SpeculationSettings,
  stopping: AbortSignal,
): Promise<SpeculationRun | null> {
  const dir = await makeTemporaryDirectory('bench');
  const replicas: ReplicaChild[] = [];
  const proxies: DelayProxy[] = [];
  try {
    const proxyPorts = await makeCluster(dir, settings, proxies);
    for (let id = 0; id < settings.replicas; id += 1) {
      replicas.push(new Child(`replica ${id}`, './speculation-process.js', { dir, id, proxyPorts, settings }));
    }
    await Promise.all(replicas.map((replica) => replica.receive('ready')));
    await pass(settings.warmup, stopping);
    const before = await reading(replicas);
    await pass(settings.duration, stopping);
    const after = await reading(replicas);
    if (stopping.aborted) return null;
    const records = await Promise.all(replicas.map((replica) => replica.report()));
    const cpu = speculationCpu(before, after, records);
    return { ...speculationFigures(records, { from: before.at, to: after.at }), ...cpu };
  } finally {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await rm(dir, { recursive: true, force: true });
  }
}

async function reading(replicas: readonly ReplicaChild[]): Promise<CpuReading> {
  const usages = await Promise.all(replicas.map((replica) => replica.usage()));
  const { user, system } = process.cpuUsage();
  const busyMs = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  const machineSeconds = busyMs.reduce((sum, ms) => sum + ms, 0) / 1000;
  return { at: systemClock(), replicas: usages, ownSeconds: (user + system) / 1e6, machineSeconds };
}

/** Lets seconds pass, or fewer where it is stopped. */
async function pass(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
}

/** Makes a cluster on the disk, and a proxy before the peer port of each replica, unless nothing is to be delayed. */
async function makeCluster(dir: string, settings: SpeculationSettings, proxies: DelayProxy[]): Promise<number[]> {
  const { replicas, rule, tenure, transport, delayMs } = settings;
  const { host } = clusterDefaults;
  const basePort = await freeBasePort(3 * replicas, host);
  const cluster = await initCluster(dir, { ...clusterDefaults, replicas, basePort, rule, tenure, transport });
  if (delayMs === 0) return [];
  for (const { id, peerPort: targetPort } of cluster.replicas) {
    proxies.push(await startDelayProxy({ host, port: basePort + 2 * replicas + id, targetPort, delayMs }));
  }
  return cluster.replicas.map(({ id }) => basePort + 2 * replicas + id);
}
