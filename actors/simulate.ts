/**
 * The simulator as its users take it (`hotstuff/simulation`): whole clusters of the actors as they are, run from a seed on
 * virtual time, with faults, and held to the invariants of `docs/simulation.md`. One seed gives one run.
 */
import { nextTurn } from '../src/adapters/turn-scheduler.js';
import { ConfigurationError } from '../src/errors.js';
import type { SimulationCase } from '../src/simulation/case.js';
import { caseReport } from '../src/simulation/case-report.js';
import { crashPointBases, crashPointCases } from '../src/simulation/crash-points.js';
import { liteCase } from '../src/simulation/lite.js';
import { type ShrunkCase, shrink } from '../src/simulation/shrink.js';
import { type SwarmOptions, swarmCase } from '../src/simulation/swarm.js';
import type { Violation } from '../src/simulation/violation.js';
import { crashPointsOf } from './simulation/crash-run.js';
import { firstStrategyNames, laterStrategyNames } from './simulation/liars/strategies.js';
import { recordRun } from './simulation/record-run.js';
import { type RunOutcome, runCase } from './simulation/run-case.js';
import {
  checkDraw,
  checkReplay,
  checkReport,
  checkSeed,
  checkShrink,
  checkSimulateOptions,
  type ReplayOptions,
  type ReportOptions,
  type ShrinkRunOptions,
  type SimulatedRun,
  type SimulateOptions,
  type SimulationMode,
} from './simulation/simulate-options.js';
import { firstLimitNames, laterLimitNames } from './simulation/tight-limits.js';
import { NO_WORK, remarksOn, together, workOf } from './simulation/work-done.js';

export type { CrashAtWrite, Fault, Liar, SimulationCase, Speculation } from '../src/simulation/case.js';
export type { CaseReport, TwinsReportParts } from '../src/simulation/case-report.js';
export type { CrashLoss, DiskConditions, DiskDamage } from '../src/simulation/disk.js';
export type { LinkConditions } from '../src/simulation/links.js';
export { Random } from '../src/simulation/random.js';
export type { SeenEvent } from '../src/simulation/seen-events.js';
export type { ShrunkCase } from '../src/simulation/shrink.js';
export type { SignatureKind } from '../src/simulation/signatures.js';
export type { SwarmOptions } from '../src/simulation/swarm.js';
export {
  EXHAUSTIVE_SCENARIOS,
  exhaustiveScenario,
  sampledScenario,
  type TwinsOptions,
} from '../src/simulation/twins-generator.js';
export type { TwinsScenario, TwinsView } from '../src/simulation/twins-scenario.js';
export type { ShrunkTwins } from '../src/simulation/twins-shrink.js';
export type { Invariant, Violation } from '../src/simulation/violation.js';
export {
  replayTwins,
  reportOfTwins,
  type ShrinkTwinsOptions,
  type SimulateTwinsOptions,
  shrinkTwins,
  simulateTwins,
  type TwinsReport,
  type TwinsReportOptions,
  type TwinsRunReport,
} from './simulate-twins.js';
export { declaredPairs } from './simulation/counted-charts.js';
export type { StrategyName } from './simulation/liars/strategies.js';
export type { RunOutcome } from './simulation/run-case.js';
export type {
  ReplayOptions,
  ReportOptions,
  ShrinkRunOptions,
  SimulatedRun,
  SimulateOptions,
  SimulationMode,
} from './simulation/simulate-options.js';
export type { Operation } from './simulation/simulated-client.js';
export type { TightLimitName } from './simulation/tight-limits.js';
export type { TwinsOutcome } from './simulation/twins-run.js';
export type { SpeculativeWorkload, Unjudged, Workload } from './simulation/workload.js';

/** What `simulate` found. */
export interface SimulationReport {
  /** Runs: one a seed, but for crash points. */
  readonly seeds: number;
  readonly passed: number;
  readonly failed: number;
  /**
   * Of those that passed: they ended before all had happened that they go on for after the last fault. Where `eventsMax` is left
   * out, up to ten replicas have shown progress all the same (L7), and commands of clients are left over.
   */
  readonly unfinished: number;
  readonly events: number;
  readonly virtualMs: number;
  /** The runs in which an invariant broke. */
  readonly failures: readonly SimulatedRun[];
  /** Durable steps whose crashes were enumerated. */
  readonly crashPoints: number;
  /** Commands that clients had executed, and commands that were refused, by reason (`invalid`, `tooLarge`). */
  readonly commandsExecuted: number;
  readonly commandsRefused: Readonly<Record<string, number>>;
  /** How often the states of two replicas at one height were compared. */
  readonly statesCompared: number;
  /** What makes passing worth less than it looks, a line each: that nothing was executed, no state compared, a history not judged. */
  readonly remarks: readonly string[];
}

/**
 * Runs each seed, one after the other. Rejects where a workload itself throws.
 * @throws ConfigurationError for an option that there is not, or that is not what it must be: before anything is run, but for
 * seeds that come one by one.
 */
export async function simulate(options: SimulateOptions): Promise<SimulationReport> {
  checkSimulateOptions(options);
  const failures: SimulatedRun[] = [];
  const crashPoints = { count: 0 };
  let work = NO_WORK;
  let [seeds, unfinished, events, virtualMs] = [0, 0, 0, 0];
  for await (const parameters of casesOf(options, crashPoints)) {
    if (options.signal?.aborted) break;
    const { seed } = parameters;
    const outcome = await runOne(parameters, options);
    const run = { seed, case: parameters, outcome };
    seeds += 1;
    events += outcome.events;
    virtualMs += outcome.virtualMs;
    work = together(work, workOf(outcome, parameters));
    if (outcome.violations.length > 0) failures.push(run);
    if (outcome.unfinished) unfinished += 1;
    options.onRun?.(run);
  }
  return {
    seeds,
    passed: seeds - failures.length,
    failed: failures.length,
    unfinished,
    events,
    virtualMs,
    failures,
    crashPoints: crashPoints.count,
    commandsExecuted: work.commandsExecuted,
    commandsRefused: work.commandsRefused,
    statesCompared: work.statesCompared,
    remarks: remarksOn(work),
  };
}

async function* casesOf(options: SimulateOptions, crashPoints: { count: number }): AsyncGenerator<SimulationCase> {
  const { mode = 'vopr', workload, part = { number: 1, of: 1 } } = options;
  const drawn = workload === undefined ? options : { ...options, speculative: 'createSpeculative' in workload };
  if (drawn.speculative && mode !== 'vopr' && mode !== 'byzz')
    throw new ConfigurationError('SIMULATION_WORKLOAD', `mode ${mode} has no speculative machines; vopr and byzz have`);
  let index = 0;
  let place = 0;
  for (const seed of options.seeds) {
    checkSeed(`seeds[${place}]`, seed);
    place += 1;
    if (mode !== 'crashpoint') {
      yield drawnCase(mode, seed, drawn);
      continue;
    }
    for (const base of crashPointBases(seed, options)) {
      const points = await crashPointsOf(base, { nextTurn, ...given({ workload }) });
      crashPoints.count += points.length;
      for (const crash of crashPointCases(base, points)) {
        if (index % part.of === part.number - 1) yield crash;
        index += 1;
      }
    }
  }
}

/**
 * Runs one case: the same case gives the same run, in any process.
 * @throws ConfigurationError for a case that is none, and for options that cannot work.
 */
export async function replay(parameters: SimulationCase, options: ReplayOptions = {}): Promise<RunOutcome> {
  checkReplay(parameters, options);
  return runOne(parameters, options);
}

function runOne(parameters: SimulationCase, options: ReplayOptions): Promise<RunOutcome> {
  return runCase(parameters, { nextTurn, ...given(options) });
}

/** Those of the options that are given. */
function given({ workload, signal }: { workload?: SimulateOptions['workload']; signal?: AbortSignal | undefined }) {
  return { ...(workload === undefined ? {} : { workload }), ...(signal === undefined ? {} : { signal }) };
}

/**
 * The case of a seed in a mode that has one.
 * @throws ConfigurationError for another mode, for a seed that is none, and for options that cannot work.
 */
export function caseOf(
  mode: Exclude<SimulationMode, 'crashpoint'>,
  seed: number,
  options: SwarmOptions = {},
): SimulationCase {
  checkDraw(mode, seed, options);
  return drawnCase(mode, seed, options);
}

function drawnCase(mode: Exclude<SimulationMode, 'crashpoint'>, seed: number, options: SwarmOptions): SimulationCase {
  switch (mode) {
    case 'lite':
      return liteCase(seed, options);
    case 'byzz':
      return swarmCase(seed, { strategies: ['mutations'], liarsProbability: 1, ...limitsToDraw(options), ...options });
    case 'vopr':
      return swarmCase(seed, {
        ...(options.strategies === undefined ? { laterStrategies: laterStrategyNames } : {}),
        strategies: firstStrategyNames,
        ...limitsToDraw(options),
        ...options,
      });
  }
}

/** All, but where the caller says which may be tight. */
function limitsToDraw({ tightLimits }: SwarmOptions): Pick<SwarmOptions, 'tightLimits' | 'laterTightLimits'> {
  return tightLimits === undefined ? { tightLimits: firstLimitNames, laterTightLimits: laterLimitNames } : {};
}

/**
 * Makes a failing run smaller, as long as the same invariant breaks: fewer faults, liars, replicas, commands, less time.
 * Bounded by `runsMax` runs (500) and `signal`.
 * @throws ConfigurationError for a run in which nothing broke, and for options that cannot work.
 */
export async function shrinkRun(run: SimulatedRun, options: ShrinkRunOptions = {}): Promise<ShrunkCase> {
  checkShrink(run, options);
  const [violation] = run.outcome.violations;
  if (violation === undefined)
    throw new ConfigurationError('SIMULATION_CASE', 'a run in which nothing broke cannot be made smaller');
  return shrink(run.case, violation, {
    ...options,
    run: async (candidate) => (await runOne(candidate, options)).violations[0] ?? null,
  });
}

/** Things that a report shows at most. */
const SEEN_MAX = 80;

/** Runs a case once more and says in Markdown what broke and what was sent just before. */
export async function reportOf(parameters: SimulationCase, options: ReportOptions): Promise<string> {
  checkReport(parameters, options);
  const { workload, file, revision, faultsBefore } = options;
  const { outcome, seen } = await recordRun(parameters, { nextTurn, ...given({ workload }) }, SEEN_MAX);
  const violation = outcome.violations[0] ?? null;
  return caseReport({ file, case: parameters, faultsBefore, violation, revision, seen });
}

/** What broke in a run, a line each. */
export function violationLines(violations: readonly Violation[]): readonly string[] {
  return violations.map(
    ({ invariant, at, event, detail }) => `${invariant} at ${at.toFixed(1)} ms, event ${event}: ${detail}`,
  );
}
