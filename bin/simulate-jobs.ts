/** Runs a simulation in several processes of this program, each a part of it, and adds up what they report. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { together } from '../actors/simulation/work-done.js';
import { systemClock } from '../src/adapters/system-clock.js';
import type { Lifecycle } from './lifecycle.js';
import { Failure } from './outcome.js';
import { addedUp } from './simulate-counts.js';
import { type Part, partText, piecesOf } from './simulate-part.js';
import type { SimulateReport } from './simulate-report.js';
import { firstRunsOf } from './simulate-states.js';

const PROGRAM = fileURLToPath(new URL('./hotstuff.js', import.meta.url));

/** `args`: the flags of the command but `--jobs`, `--part` and `--json`. Stops the processes when this one is to stop. */
export async function runJobs(
  { args, jobs, part }: { readonly args: readonly string[]; readonly jobs: number; readonly part: Part },
  lifecycle: Lifecycle,
): Promise<SimulateReport> {
  const startedAt = systemClock();
  const pieces = piecesOf(part, jobs);
  const all = pieces.map((piece) => runJob(['simulate', ...args, '--json', '--part', partText(piece)], lifecycle));
  const reports = await Promise.all(all);
  const sum = (of: (report: SimulateReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  // Each counts all durable steps, and runs a part of the crashes.
  const crashPoints = Math.max(0, ...reports.map((report) => report.crashPoints ?? 0));
  // Of one run alone, in whichever process it was.
  const seeds = sum((report) => report.seeds);
  const counted = reports.some(({ statesFrom }) => statesFrom !== undefined);
  const work = reports.flatMap((report) => report.work ?? []);
  const [traceHash] = reports.flatMap((report) => report.traceHash ?? []);
  return {
    ...(crashPoints > 0 ? { crashPoints } : {}),
    ...addedUp(reports),
    ...(counted ? { statesFrom: firstRunsOf(reports.map((report) => report.statesFrom)) } : {}),
    ...(seeds === 1 && traceHash !== undefined ? { traceHash } : {}),
    ...(work.length === 0 ? {} : { work: work.reduce(together) }),
    seeds,
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    unfinished: sum(({ unfinished }) => unfinished),
    events: sum(({ events }) => events),
    virtualSeconds: sum(({ virtualSeconds }) => virtualSeconds),
    wallSeconds: (systemClock() - startedAt) / 1000,
    violations: reports.flatMap(({ violations }) => violations),
  };
}

async function runJob(args: readonly string[], { stopping }: Lifecycle): Promise<SimulateReport> {
  // The channel ends the process when this one ends, however it does. In a group of its own, since a terminal's Ctrl-C goes to
  // the whole group: with the signal below that would be two, of which the second ends a process without its report.
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    detached: true,
  });
  const stop = (): void => void child.kill('SIGTERM');
  stopping.addEventListener('abort', stop, { once: true });
  if (stopping.aborted) stop();
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  stopping.removeEventListener('abort', stop);
  try {
    return JSON.parse(output) as SimulateReport;
  } catch {
    throw new Failure(`a process of the simulation ended with code ${code} and no report`);
  }
}
