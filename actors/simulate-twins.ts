import { nextTurn } from '../src/adapters/turn-scheduler.js';
import type { TwinsScenario } from '../src/simulation/twins-scenario.js';
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

/** Runs each scenario of twins: replicas of which two unmodified copies run, with one key, in a network that is parted. */
export async function simulateTwins(options: SimulateTwinsOptions): Promise<TwinsReport> {
  const failures: TwinsRunReport[] = [];
  let [scenarios, events, virtualMs, equivocated] = [0, 0, 0, 0];
  for (const scenario of options.scenarios) {
    if (options.signal?.aborted) break;
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

/** Runs one scenario and hashes its trace: the same scenario gives the same run, in any process. */
export function replayTwins(scenario: TwinsScenario): Promise<TwinsOutcome> {
  return runTwins(scenario, { nextTurn, traced: true });
}
