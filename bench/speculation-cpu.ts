/** What CPU time went where while a speculative machine was measured. */
import type { Usage } from './child.js';
import { median, rounded } from './figures.js';
import type { SpeculationRecord } from './speculation-record.js';

/** The thread that a speculative machine has to itself, unless a placement says otherwise. */
const MACHINE_THREAD = 'machine';

/** What the processes of a run had used at a moment. */
export interface CpuReading {
  readonly at: number;
  /** By replica. */
  readonly replicas: readonly Pick<Usage, 'cpuSeconds' | 'threadCpuSeconds'>[];
  /** Of the benchmark's own process, in which the delaying proxies are. */
  readonly ownSeconds: number;
  /** Of all programs of the machine. */
  readonly machineSeconds: number;
}

/** Who used the cores while a benchmark of speculation was measured. */
export interface SpeculationCpu {
  /** Cores that all replicas and the delaying proxies used together, on average. */
  readonly cores: number;
  /** Cores that other programs used meanwhile. */
  readonly otherCores: number;
  /**
   * CPU milliseconds of the machine's thread for a block at a replica that did not lead: reading, executing and committing
   * it. Null where nobody follows, the machine has no thread to itself, or the system does not tell.
   */
  readonly followMs: number | null;
}

/** Reckons with what was used between two readings, in which `records` happened. */
export function speculationCpu(
  before: CpuReading,
  after: CpuReading,
  records: readonly SpeculationRecord[],
): SpeculationCpu {
  const own = after.ownSeconds - before.ownSeconds;
  const used = after.replicas.map(({ cpuSeconds }, id) => cpuSeconds - (before.replicas[id]?.cpuSeconds ?? 0));
  const within = ({ at }: { readonly at: number }) => at >= before.at && at < after.at;
  const follow = records.flatMap(({ proposed, committed }, id) => {
    const began = before.replicas[id]?.threadCpuSeconds[MACHINE_THREAD];
    const ended = after.replicas[id]?.threadCpuSeconds[MACHINE_THREAD];
    const blocks = committed.filter(within).length;
    const led = proposed.some(([, at]) => within({ at }));
    return led || began === undefined || ended === undefined || blocks === 0 ? [] : [((ended - began) * 1000) / blocks];
  });
  const perSecond = 1000 / (after.at - before.at);
  const cores = used.reduce((sum, seconds) => sum + seconds, own) * perSecond;
  return {
    cores: rounded(cores),
    // The system counts by ticks: what is less than one may come out below nothing.
    otherCores: rounded(Math.max(0, (after.machineSeconds - before.machineSeconds) * perSecond - cores)),
    followMs: follow.length === 0 ? null : rounded(median(follow)),
  };
}
