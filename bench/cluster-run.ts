/** One run of a benchmark: a fresh cluster of processes, load, and what was measured. */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { freeBasePort } from '../src/adapters/free-ports.js';
import { initCluster } from '../src/adapters/init-cluster.js';
import { makeTemporaryDirectory } from '../src/adapters/temporary-directory.js';
import { clusterDefaults } from '../src/config/create-cluster.js';
import { Child } from './child.js';
import { type RunFigures, rounded } from './figures.js';
import { newHistogram } from './load.js';
import type { LoadJob, LoadResult } from './load-process.js';
import type { ReplicaJob } from './replica-process.js';
import type { BenchSettings } from './settings.js';

type ReplicaChild = Child<ReplicaJob, never>;
type LoadChild = Child<LoadJob, LoadResult>;

/** Runs a cluster with `settings` once. Rejects when a process fails; everything is stopped and removed in any case. */
export async function runCluster(settings: BenchSettings): Promise<RunFigures> {
  return await withReplicas(settings, async (replicas, dir) => {
    const loads: LoadChild[] = [];
    try {
      for (let index = 0; index < settings.clients; index += 1) {
        loads.push(new Child(`client ${index}`, './load-process.js', { dir, index, settings }));
      }
      return await measure(settings, replicas, loads);
    } finally {
      await Promise.all(loads.map((load) => load.stop()));
    }
  });
}

/**
 * Calls `work` with the processes of a fresh cluster, which are ready, and the cluster's directory. Rejects when a process
 * fails; everything is stopped and removed in any case.
 */
export async function withReplicas<Result>(
  settings: BenchSettings,
  work: (replicas: readonly ReplicaChild[], dir: string) => Promise<Result>,
): Promise<Result> {
  const dir = await makeTemporaryDirectory('bench');
  const replicas: ReplicaChild[] = [];
  try {
    await makeCluster(dir, settings);
    const { faults } = settings;
    const alive = settings.replicas - (faults.kind === 'dead' ? faults.count : 0);
    for (let id = 0; id < alive; id += 1) {
      replicas.push(new Child(`replica ${id}`, './replica-process.js', { dir, id, settings }));
    }
    await Promise.all(replicas.map((replica) => replica.receive('ready')));
    return await work(replicas, dir);
  } finally {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await rm(dir, { recursive: true, force: true });
  }
}

async function makeCluster(dir: string, settings: BenchSettings): Promise<void> {
  const { replicas, rule, tenure, leaderSchedule, transport } = settings;
  const basePort = await freeBasePort(2 * replicas, clusterDefaults.host);
  await initCluster(dir, { ...clusterDefaults, replicas, basePort, rule, tenure, leaderSchedule, transport });
}

async function measure(
  settings: BenchSettings,
  replicas: readonly ReplicaChild[],
  loads: readonly LoadChild[],
): Promise<RunFigures> {
  await Promise.all(loads.map((load) => load.receive('measuring')));
  const before = await snapshot(replicas, loads);
  const fault = injectFault(settings, replicas);
  const results = await Promise.all(loads.map(async (load) => (await load.receive('result')).result));
  const after = await snapshot(replicas, loads);
  await fault;
  return figures(before, after, results);
}

/** Kills the leader at its time; resolves at once where there is nothing to do. */
async function injectFault({ faults }: BenchSettings, replicas: readonly ReplicaChild[]): Promise<void> {
  if (faults.kind !== 'killLeader') return;
  await sleep(faults.atSecond * 1000);
  const leader = (await replicas[0]?.usage())?.leader ?? 0;
  replicas[leader]?.kill();
}

interface Snapshot {
  readonly at: number;
  readonly height: number;
  readonly replicaCpuSeconds: readonly number[];
  readonly threadCpuSeconds: readonly Readonly<Record<string, number>>[];
  readonly clientCpuSeconds: number;
  readonly rssBytesMax: number;
}

async function snapshot(replicas: readonly ReplicaChild[], loads: readonly LoadChild[]): Promise<Snapshot> {
  const usages = await Promise.all(replicas.map((replica) => replica.usage()));
  const loadUsages = await Promise.all(loads.map((load) => load.usage()));
  return {
    at: performance.now(),
    height: Math.max(0, ...usages.map(({ height }) => height)),
    replicaCpuSeconds: usages.map(({ cpuSeconds }) => cpuSeconds),
    threadCpuSeconds: usages.map(({ threadCpuSeconds }) => threadCpuSeconds),
    clientCpuSeconds: loadUsages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    rssBytesMax: Math.max(0, ...usages.map(({ rssBytes }) => rssBytes)),
  };
}

function figures(before: Snapshot, after: Snapshot, results: readonly LoadResult[]): RunFigures {
  const latencyUs = newHistogram();
  for (const result of results) latencyUs.add(decodeFromCompressedBase64(result.latencyUs) as Histogram);
  const committed = results.reduce((sum, result) => sum + result.committed, 0);
  const commandsPerSecond = results.reduce((sum, result) => sum + result.committed / result.seconds, 0);
  // A killed replica's CPU time cannot be asked for any more, and counts as none.
  const replicas = after.replicaCpuSeconds.map((cpu, id) => Math.max(0, cpu - (before.replicaCpuSeconds[id] ?? 0)));
  const clients = after.clientCpuSeconds - before.clientCpuSeconds;
  const cpuSeconds = replicas.reduce((sum, cpu) => sum + cpu, clients);
  const blocks = after.height - before.height;
  return {
    commandsPerSecond: rounded(commandsPerSecond),
    commandsPerCpuSecond: rounded(committed / cpuSeconds),
    blocksPerSecond: rounded((blocks * 1000) / (after.at - before.at)),
    latencyMs: {
      p50: rounded(latencyUs.getValueAtPercentile(50) / 1000),
      p99: rounded(latencyUs.getValueAtPercentile(99) / 1000),
      max: rounded(latencyUs.maxValue / 1000),
    },
    errors: results.reduce((sum, result) => sum + result.errors, 0),
    longestGapMs: rounded(Math.max(...results.map((result) => result.longestGapMs))),
    cpuSeconds: { replicas: replicas.map(rounded), clients: rounded(clients) },
    coresByThread: coresByThread(before, after, replicas),
    rssBytesMax: after.rssBytesMax,
  };
}

/**
 * How much of a core each thread of a replica used, on average over the replicas; `other` is what no thread of ours used.
 * Empty where the system does not tell.
 */
function coresByThread(before: Snapshot, after: Snapshot, processes: readonly number[]): Record<string, number> {
  const seconds: Record<string, number> = {};
  for (const [id, threads] of after.threadCpuSeconds.entries()) {
    let other = processes[id] ?? 0;
    for (const [thread, total] of Object.entries(threads)) {
      const used = total - (before.threadCpuSeconds[id]?.[thread] ?? 0);
      seconds[thread] = (seconds[thread] ?? 0) + used;
      other -= used;
    }
    if (Object.keys(threads).length > 0) seconds.other = (seconds.other ?? 0) + Math.max(0, other);
  }
  const span = (processes.length * (after.at - before.at)) / 1000;
  return Object.fromEntries(Object.entries(seconds).map(([thread, used]) => [thread, rounded(used / span)]));
}
