/** What replicas cost that have nothing to do: their heartbeats, timers and writes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.js';
import { withReplicas } from './cluster-run.js';
import { machineFacts, rounded } from './figures.js';
import type { ReplicaJob } from './replica-process.js';
import { benchDefaults } from './settings.js';

/** How many replicas idle, and for how long. */
export interface IdleSettings {
  readonly replicas: number;
  /** Seconds measured, and seconds before them. */
  readonly duration: number;
  readonly warmup: number;
}

/** What `bench idle` prints with `--json`. */
export interface IdleReport {
  /** By replica: CPU time of its process over the measured time, in per cent of a core, and memory at the end. */
  readonly replicas: readonly { readonly id: number; readonly corePercent: number; readonly rssBytes: number }[];
  /** Empty blocks: one a heartbeat. */
  readonly blocksPerSecond: number;
  readonly settings: IdleSettings;
  readonly machine: Readonly<Record<string, string | number>>;
}

/**
 * Runs a fresh cluster that nobody sends a command: durable, over TLS, with the default timeout. Null when `stopping` came
 * first. Rejects when a replica fails.
 */
export async function measureIdle(settings: IdleSettings, stopping: AbortSignal): Promise<IdleReport | null> {
  try {
    return await withReplicas({ ...benchDefaults, ...settings }, async (replicas) => {
      await sleep(settings.warmup * 1000, undefined, { signal: stopping });
      const before = await usages(replicas);
      await sleep(settings.duration * 1000, undefined, { signal: stopping });
      return { ...costOf(before, await usages(replicas)), settings, machine: machineFacts() };
    });
  } catch (error) {
    if (stopping.aborted) return null;
    throw error;
  }
}

interface Usages {
  readonly at: number;
  readonly replicas: readonly Awaited<ReturnType<Child<ReplicaJob, never>['usage']>>[];
}

async function usages(replicas: readonly Child<ReplicaJob, never>[]): Promise<Usages> {
  return { at: performance.now(), replicas: await Promise.all(replicas.map((replica) => replica.usage())) };
}

function costOf(before: Usages, after: Usages): Pick<IdleReport, 'replicas' | 'blocksPerSecond'> {
  const seconds = (after.at - before.at) / 1000;
  const height = ({ replicas }: Usages) => Math.max(...replicas.map((usage) => usage.height));
  const replicas = after.replicas.map(({ cpuSeconds, rssBytes }, id) => {
    const used = cpuSeconds - (before.replicas[id]?.cpuSeconds ?? 0);
    return { id, corePercent: rounded((100 * used) / seconds), rssBytes };
  });
  return { replicas, blocksPerSecond: rounded((height(after) - height(before)) / seconds) };
}
