/** What a benchmark reports, and how several runs become one. */
import { arch, cpus, platform, release, totalmem } from 'node:os';

/** Milliseconds, at two percentiles and at worst. */
export interface LatencyMs {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What one run of a cluster under load came to. */
export interface RunFigures {
  readonly commandsPerSecond: number;
  /** Over the CPU time of all replicas and clients. */
  readonly commandsPerCpuSecond: number;
  readonly blocksPerSecond: number;
  /** From the moment a command was due until f+1 equal replies. */
  readonly latencyMs: LatencyMs;
  readonly errors: number;
  /** The longest time without any answer. */
  readonly longestGapMs: number;
  /** Spent in the measured time. */
  readonly cpuSeconds: { readonly replicas: readonly number[]; readonly clients: number };
  /** How much of a core each thread of a replica used, by name, on average over the replicas. */
  readonly coresByThread: Readonly<Record<string, number>>;
  /** Of the largest replica, at the end. */
  readonly rssBytesMax: number;
}

/** What the bare loop of bench/reference gave with the same load. */
export interface ReferenceFigures {
  readonly commandsPerSecond: number;
  readonly commandsPerCpuSecond: number;
  readonly latencyMs: LatencyMs;
}

/** The middle value; of an even number, the lower of the two in the middle: a value that was measured. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** The median of each figure over the runs; errors, gaps and memory: the worst of them. */
export function summary(runs: readonly RunFigures[]): Omit<RunFigures, 'cpuSeconds'> {
  const of = (pick: (run: RunFigures) => number): number => median(runs.map(pick));
  const worst = (pick: (run: RunFigures) => number): number => Math.max(...runs.map(pick));
  return {
    commandsPerSecond: of((run) => run.commandsPerSecond),
    commandsPerCpuSecond: of((run) => run.commandsPerCpuSecond),
    blocksPerSecond: of((run) => run.blocksPerSecond),
    latencyMs: medianLatency(runs.map((run) => run.latencyMs)),
    errors: worst((run) => run.errors),
    longestGapMs: worst((run) => run.longestGapMs),
    coresByThread: medianByName(runs.map((run) => run.coresByThread)),
    rssBytesMax: worst((run) => run.rssBytesMax),
  };
}

/** The median of each figure over the runs of the bare loop. */
export function referenceSummary(runs: readonly ReferenceFigures[]): ReferenceFigures {
  return {
    commandsPerSecond: median(runs.map((run) => run.commandsPerSecond)),
    commandsPerCpuSecond: median(runs.map((run) => run.commandsPerCpuSecond)),
    latencyMs: medianLatency(runs.map((run) => run.latencyMs)),
  };
}

function medianByName(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const names = new Set(all.flatMap((each) => Object.keys(each)));
  return Object.fromEntries([...names].map((name) => [name, median(all.map((each) => each[name] ?? 0))]));
}

function medianLatency(latencies: readonly LatencyMs[]): LatencyMs {
  return {
    p50: median(latencies.map(({ p50 }) => p50)),
    p99: median(latencies.map(({ p99 }) => p99)),
    max: median(latencies.map(({ max }) => max)),
  };
}

/** What the figures were measured on. */
export function machineFacts(): Readonly<Record<string, string | number>> {
  const processors = cpus();
  return {
    cores: processors.length,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    platform: `${platform()} ${release()} ${arch()}`,
    node: process.version,
  };
}

/** To three decimal places. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
