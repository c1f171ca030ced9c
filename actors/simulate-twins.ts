import { nextTurn } from '../src/adapters/turn-scheduler.js';
import { checkOptions } from '../src/config/check-options.js';
import { abortSignal, callback, type OptionKind, type OptionTable, required } from '../src/config/option-kinds.js';
import { ConfigurationError } from '../src/errors.js';
import { scenarioProblem, type TwinsScenario } from '../src/simulation/twins-scenario.js';
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

function checkScenario(name: string, scenario: TwinsScenario): void {
  const problem = scenarioProblem(scenario);
  if (problem !== null) throw new ConfigurationError('SIMULATION_SCENARIO', `${name} cannot be run: ${problem}`);
}
