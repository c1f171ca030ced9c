/** Runs a benchmark as often as is asked for, and puts its figures together. */
import { runCluster } from './cluster-run.js';
import { machineFacts, type ReferenceFigures, type RunFigures, referenceSummary, rounded, summary } from './figures.js';
import { runReference } from './reference-run.js';
import type { BenchSettings } from './settings.js';

/** What is to be run, and how often. */
export interface BenchPlan {
  readonly settings: BenchSettings;
  /** Each on a fresh cluster. */
  readonly runs: number;
  /** Whether the bare loop runs beside, in turn. */
  readonly reference: boolean;
  /** Told of each run when it is done. */
  readonly onRun: (line: string) => void;
  readonly stopping: AbortSignal;
}

/** What `bench cluster` prints with `--json`: the medians of the runs, the runs, and what they were of. */
export type BenchReport = ReturnType<typeof summary> & {
  readonly runs: readonly RunFigures[];
  /** The bare loop in the same invocation; `ratio`: our commands per second to its. */
  readonly reference?: ReferenceFigures & { readonly ratio: number; readonly runs: readonly ReferenceFigures[] };
  readonly settings: BenchSettings;
  readonly machine: ReturnType<typeof machineFacts>;
};

/** Runs all of a plan; null when it was stopped before the first run was done. */
export async function runBench({ settings, runs, reference, onRun, stopping }: BenchPlan): Promise<BenchReport | null> {
  const ours: RunFigures[] = [];
  const bare: ReferenceFigures[] = [];
  for (let run = 1; run <= runs && !stopping.aborted; run += 1) {
    const figures = await runCluster(settings);
    ours.push(figures);
    onRun(`run ${run} of ${runs}: ${described(figures)}`);
    if (!reference || stopping.aborted) continue;
    const limit = await runReference(settings);
    bare.push(limit);
    onRun(`run ${run} of ${runs}, bare loop: ${described(limit)}`);
  }
  if (ours.length === 0) return null;
  const report = { ...summary(ours), runs: ours, settings, machine: machineFacts() };
  if (bare.length === 0) return report;
  const limit = referenceSummary(bare);
  const ratio = rounded(report.commandsPerSecond / limit.commandsPerSecond);
  return { ...report, reference: { ...limit, ratio, runs: bare } };
}

function described({ commandsPerSecond, latencyMs }: ReferenceFigures): string {
  const rate = Math.round(commandsPerSecond).toLocaleString('en-US');
  return `${rate} commands/s, p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms, max ${latencyMs.max} ms`;
}
