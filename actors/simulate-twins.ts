import { nextTurn } from '../src/adapters/turn-scheduler.js';
import { checkOptions } from '../src/config/check-options.js';
import {
  abortSignal,
  callback,
  type OptionKind,
  type OptionTable,
  required,
  text,
  whole,
} from '../src/config/option-kinds.js';
import { ConfigurationError } from '../src/errors.js';
import { scenarioReport, type TwinsReportParts } from '../src/simulation/case-report.js';
import { scenarioProblem, type TwinsScenario } from '../src/simulation/twins-scenario.js';
import { type ShrunkTwins, shrinkScenario } from '../src/simulation/twins-shrink.js';
import { recordTwins } from './simulation/record-run.js';
import { runTwins, type TwinsOutcome } from './simulation/twins-run.js';

/** What `simulateTwins` takes. */
export interface SimulateTwinsOptions {
  /** Run one after the other; `sampledScenario` and `exhaustiveScenario` make them. */
  readonly scenarios: Iterable<TwinsScenario>;
  /** Told of each run when it is over. */
  readonly onRun?: (run: TwinsRunReport) => void;
  /** Ends the simulation between two scenarios. */
  readonly signal?: AbortSignal;
}

/** One scenario and what came of it. */
export interface TwinsRunReport {
  readonly scenario: TwinsScenario;
  readonly outcome: TwinsOutcome;
}

/** What `simulateTwins` found. */
export interface TwinsReport {
  readonly scenarios: number;
  readonly events: number;
  readonly virtualMs: number;
  /** Scenarios in which some honest replica has kept a proof that a twin signed two things. */
  readonly equivocated: number;
  /** The runs in which an invariant broke. */
  readonly failures: readonly TwinsRunReport[];
}

const iterable: OptionKind = {
  admits: (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
  says: 'an array of scenarios, or something else that is iterable',
};
const TABLE: OptionTable<SimulateTwinsOptions> = {
  scenarios: required(iterable),
  onRun: callback,
  signal: abortSignal,
};

/**
 * Runs each scenario of twins: replicas of which two unmodified copies run, with one key, in a network that is parted.
 * @throws ConfigurationError for an option that cannot work, and for the first scenario that is none, when it comes.
 */
export async function simulateTwins(options: SimulateTwinsOptions): Promise<TwinsReport> {
  checkOptions(TABLE, options, { call: 'simulateTwins' });
  const failures: TwinsRunReport[] = [];
  let [scenarios, events, virtualMs, equivocated] = [0, 0, 0, 0];
  for (const scenario of options.scenarios) {
    if (options.signal?.aborted) break;
    checkScenario(`scenarios[${scenarios}]`, scenario);
    const outcome = await runTwins(scenario, { nextTurn });
    scenarios += 1;
    events += outcome.events;
    virtualMs += outcome.virtualMs;
    if (outcome.equivocations > 0) equivocated += 1;
    if (outcome.violations.length > 0) failures.push({ scenario, outcome });
    options.onRun?.({ scenario, outcome });
  }
  return { scenarios, events, virtualMs, equivocated, failures };
}

/**
 * Runs one scenario and hashes its trace: the same scenario gives the same run, in any process.
 * @throws ConfigurationError for a scenario that is none.
 */
export async function replayTwins(scenario: TwinsScenario): Promise<TwinsOutcome> {
  checkScenario('the scenario', scenario);
  return runTwins(scenario, { nextTurn, traced: true });
}

/** What `shrinkTwins` takes besides its run; `runsMax` is 500 by default. */
export interface ShrinkTwinsOptions {
  readonly runsMax?: number;
  readonly signal?: AbortSignal | null;
}

const SHRINK_TABLE: OptionTable<ShrinkTwinsOptions> = {
  runsMax: whole(0, Number.MAX_SAFE_INTEGER),
  signal: abortSignal,
};

/**
 * Makes a failing scenario smaller, as long as the same invariant breaks: fewer views, fewer copies, views that are not
 * parted. Bounded by `runsMax` runs (500) and `signal`.
 * @throws ConfigurationError for a run in which nothing broke, and for options that cannot work.
 */
export async function shrinkTwins(run: TwinsRunReport, options: ShrinkTwinsOptions = {}): Promise<ShrunkTwins> {
  checkOptions(SHRINK_TABLE, options, { call: 'shrinkTwins' });
  checkScenario('the scenario', run.scenario);
  const [violation] = run.outcome.violations;
  if (violation === undefined)
    throw new ConfigurationError('SIMULATION_SCENARIO', 'a scenario in which nothing broke cannot be made smaller');
  return shrinkScenario(run.scenario, violation, {
    ...options,
    run: async (candidate) => (await runTwins(candidate, { nextTurn })).violations[0] ?? null,
  });
}

/** What `reportOfTwins` takes besides its scenario. */
export type TwinsReportOptions = Pick<TwinsReportParts, 'file' | 'revision' | 'viewsBefore'>;

const REPORT_TABLE: OptionTable<TwinsReportOptions> = {
  file: required(text('the name of the scenario’s file')),
  revision: required(text('a revision')),
  viewsBefore: required(whole(0, Number.MAX_SAFE_INTEGER)),
};
/** Things that a report shows at most. */
const SEEN_MAX = 80;

/**
 * Runs a scenario once more and says in Markdown what broke and what was sent just before.
 * @throws ConfigurationError for a scenario that is none, and for options that cannot work.
 */
export async function reportOfTwins(scenario: TwinsScenario, options: TwinsReportOptions): Promise<string> {
  checkOptions(REPORT_TABLE, options, { call: 'reportOfTwins' });
  checkScenario('the scenario', scenario);
  const { outcome, seen } = await recordTwins(scenario, { nextTurn }, SEEN_MAX);
  return scenarioReport({ ...options, scenario, violation: outcome.violations[0] ?? null, seen });
}

function checkScenario(name: string, scenario: TwinsScenario): void {
  const problem = scenarioProblem(scenario);
  if (problem !== null) throw new ConfigurationError('SIMULATION_SCENARIO', `${name} cannot be run: ${problem}`);
}
