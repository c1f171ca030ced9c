/** Failed runs of the simulator as files: the case, made smaller, and a report beside it. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { reportOf, type SimulatedRun, type SimulationCase, shrinkRun } from '../actors/simulate.js';
import type { Lifecycle } from './lifecycle.js';
import { ownRevision } from './own-revision.js';

/** Cases that are made smaller and reported on; what breaks more often mostly breaks for the same reasons. */
export const REPORTS_MAX = 5;
/** Of shrinking one case. */
export const SHRINK_MS = 60_000;

/** How failed cases are written down. */
export interface FailedCasesOptions {
  readonly names: NamesOf;
  readonly shrinks: boolean;
  readonly lifecycle: Lifecycle;
  /** Told of what was done, for people. */
  readonly tell: (line: string) => void;
}

/** How failed runs are named: as crash points where all runs are, else by their seeds. */
export type NamesOf = 'crashPoints' | 'seeds';

/** The name of the files of a failed run, without their endings. One seed has many crash points: their names differ by a hash. */
export function failureName({ seed, case: parameters }: SimulatedRun, names: NamesOf): string {
  if (names === 'seeds') return `hotstuff-case-${seed}`;
  const hash = createHash('sha256').update(JSON.stringify(parameters)).digest('hex');
  return `hotstuff-crash-${seed}-${hash.slice(0, 8)}`;
}

/** Writes a case for each failure into the current directory, and for the first ones a report beside it. */
export async function writeFailures(failures: readonly SimulatedRun[], options: FailedCasesOptions): Promise<void> {
  const revision = await ownRevision();
  for (const [index, failure] of failures.entries()) {
    const name = failureName(failure, options.names);
    const isReported = index < REPORTS_MAX;
    const parameters = isReported && options.shrinks ? await smaller(failure, options) : failure.case;
    await writeFile(`${name}.json`, `${JSON.stringify(parameters, null, 2)}\n`);
    if (!isReported) continue;
    const faultsBefore = failure.case.faults.length;
    await writeFile(`${name}.md`, await reportOf(parameters, { file: `${name}.json`, revision, faultsBefore }));
  }
}

async function smaller(failure: SimulatedRun, { names, lifecycle, tell }: FailedCasesOptions): Promise<SimulationCase> {
  const signal = AbortSignal.any([lifecycle.stopping, AbortSignal.timeout(SHRINK_MS)]);
  const { case: before } = failure;
  const { case: after, violation, runs } = await shrinkRun(failure, { signal });
  const left = [
    `${after.faults.length} of ${before.faults.length} faults`,
    `${after.replicas} of ${before.replicas} replicas`,
    `${after.clients * after.commands} of ${before.clients * before.commands} commands`,
  ];
  const broke = `${violation.invariant} breaks at ${violation.at.toFixed(0)} ms`;
  tell(`${failureName(failure, names)}.json: ${left.join(', ')} are left after ${runs} runs; ${broke}`);
  return after;
}
