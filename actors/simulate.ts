/**
 * The simulator as its users take it (`hotstuff/simulation`): whole clusters of the actors as they are, run from a seed on
 * virtual time, with faults, and held to the invariants of `docs/simulation.md`. One seed gives one run.
 */
import { nextTurn } from '../src/adapters/turn-scheduler.js';
import type { SimulationCase } from '../src/simulation/case.js';
import { liteCase } from '../src/simulation/lite.js';
import { type SwarmOptions, swarmCase } from '../src/simulation/swarm.js';
import type { Violation } from '../src/simulation/violation.js';
import { type RunOutcome, runCase } from './simulation/run-case.js';
import { registers, type Workload } from './simulation/workload.js';

export type { Fault, Liar, SimulationCase } from '../src/simulation/case.js';
export type { CrashLoss, DiskConditions } from '../src/simulation/disk.js';
export type { LinkConditions } from '../src/simulation/network.js';
export { Random } from '../src/simulation/random.js';
export type { SwarmOptions } from '../src/simulation/swarm.js';
export {
  EXHAUSTIVE_SCENARIOS,
  exhaustiveScenario,
  sampledScenario,
  type TwinsOptions,
} from '../src/simulation/twins-generator.js';
export type { TwinsScenario, TwinsView } from '../src/simulation/twins-scenario.js';
export type { Invariant, Violation } from '../src/simulation/violation.js';
export {
  replayTwins,
  type SimulateTwinsOptions,
  simulateTwins,
  type TwinsReport,
  type TwinsRunReport,
} from './simulate-twins.js';
export type { RunOutcome } from './simulation/run-case.js';
export type { Operation } from './simulation/simulated-client.js';
export type { TwinsOutcome } from './simulation/twins-run.js';
export type { Workload } from './simulation/workload.js';

/** `vopr`: random faults, then none, and progress is demanded · `lite`: no faults. */
export type SimulationMode = 'vopr' | 'lite';

/** What `simulate` takes. */
export interface SimulateOptions extends SwarmOptions {
  /** The state machine and its commands; by default a few registers. */
  readonly workload?: Workload;
  /** Seeds, whole numbers from 0; each is a run. */
  readonly seeds: Iterable<number>;
  /** By default `vopr`. */
  readonly mode?: SimulationMode;
  /** Told of each run when it is over. */
  readonly onRun?: (run: SimulatedRun) => void;
  /** Ends the simulation between two events. */
  readonly signal?: AbortSignal;
}

/** One run and what came of it. */
export interface SimulatedRun {
  readonly seed: number;
  /** All that decides the run: it replays with `replay`. */
  readonly case: SimulationCase;
  readonly outcome: RunOutcome;
}

/** What `simulate` found. */
export interface SimulationReport {
  readonly seeds: number;
  readonly passed: number;
  readonly failed: number;
  readonly events: number;
  readonly virtualMs: number;
  /** The runs in which an invariant broke. */
  readonly failures: readonly SimulatedRun[];
}

/** Runs each seed, one after the other. Rejects only where a workload itself throws. */
export async function simulate(options: SimulateOptions): Promise<SimulationReport> {
  const failures: SimulatedRun[] = [];
  let [seeds, events, virtualMs] = [0, 0, 0];
  for (const seed of options.seeds) {
    if (options.signal?.aborted) break;
    const parameters = caseOf(options.mode ?? 'vopr', seed, options);
    const outcome = await replay(parameters, options);
    const run = { seed, case: parameters, outcome };
    seeds += 1;
    events += outcome.events;
    virtualMs += outcome.virtualMs;
    if (outcome.violations.length > 0) failures.push(run);
    options.onRun?.(run);
  }
  return { seeds, passed: seeds - failures.length, failed: failures.length, events, virtualMs, failures };
}

/** Runs one case: the same case gives the same run, in any process. */
export function replay(
  parameters: SimulationCase,
  options: Pick<SimulateOptions, 'workload' | 'signal'> = {},
): Promise<RunOutcome> {
  const { workload = registers, signal } = options;
  return runCase(parameters, { workload, nextTurn, ...(signal === undefined ? {} : { signal }) });
}

/** The case of a seed in a mode. */
export function caseOf(mode: SimulationMode, seed: number, options: SwarmOptions = {}): SimulationCase {
  return mode === 'lite' ? liteCase(seed, options) : swarmCase(seed, options);
}

/** What broke in a run, a line each. */
export function violationLines(violations: readonly Violation[]): readonly string[] {
  return violations.map(
    ({ invariant, at, event, detail }) => `${invariant} at ${at.toFixed(1)} ms, event ${event}: ${detail}`,
  );
}
