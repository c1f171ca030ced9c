/** `hotstuff simulate --mode twins`. */
import { readFile } from 'node:fs/promises';
import {
  EXHAUSTIVE_SCENARIOS,
  exhaustiveScenario,
  replayTwins,
  sampledScenario,
  simulateTwins,
  type TwinsRunReport,
  type TwinsScenario,
} from '../actors/simulate.js';
import { systemReason } from '../src/adapters/system-reason.js';
import { parseScenario } from '../src/simulation/twins-scenario.js';
import { scenarioName, writeScenarios } from './failed-twins.js';
import type { Lifecycle } from './lifecycle.js';
import { Failure, UsageError } from './outcome.js';
import { indicesOf, type Part, WHOLE } from './simulate-part.js';
import { RunTotals, type SimulateReport } from './simulate-report.js';

/** What of the flags of `simulate` is for twins. */
export interface TwinsFlags {
  readonly seed?: number;
  readonly scenarios?: number;
  readonly exhaustive?: true;
  readonly part?: Part;
  readonly case?: string;
  readonly replicas?: number;
  readonly rule?: TwinsScenario['rule'];
  /** Whether a failed scenario is made smaller before it is written. */
  readonly shrink: boolean;
  readonly json?: true;
}

const SAMPLE = 1000;

/** Runs the scenarios that the flags name. */
export async function runTwinsMode(flags: TwinsFlags, lifecycle: Lifecycle): Promise<SimulateReport> {
  const totals = new RunTotals(lifecycle, flags.json ?? false);
  const failures: TwinsRunReport[] = [];
  const onRun = (run: TwinsRunReport): void => {
    const { scenario, outcome } = run;
    const file = flags.case ?? `${scenarioName(scenario)}.json`;
    totals.add({ seed: scenario.seed, rules: { [scenario.rule]: 1 }, ...outcome }, file);
    // What is run from a file stands in it already.
    if (flags.case === undefined && outcome.violations.length > 0) failures.push(run);
  };
  if (flags.case !== undefined) {
    const scenario = await readScenario(flags.case);
    onRun({ scenario, outcome: await replayTwins(scenario) });
  } else await simulateTwins({ scenarios: scenariosOf(flags), onRun, signal: lifecycle.stopping });
  const tell = flags.json ? () => undefined : lifecycle.print;
  await writeScenarios(failures, { shrinks: flags.shrink, lifecycle, tell });
  return totals.report();
}

function scenariosOf(flags: TwinsFlags): Iterable<TwinsScenario> {
  const { exhaustive, scenarios, seed, replicas, rule, part = WHOLE } = flags;
  if (exhaustive) {
    if (scenarios !== undefined || seed !== undefined)
      throw new UsageError('--exhaustive runs all of its scenarios: it takes no --scenarios and no --seed');
    if (replicas !== undefined && replicas !== 4) throw new UsageError(`--exhaustive has 4 replicas, not ${replicas}`);
    return each(indicesOf(part, EXHAUSTIVE_SCENARIOS), (index) => exhaustiveScenario(index, rule ?? 'three-chain'));
  }
  if (replicas !== undefined && replicas < 4)
    throw new UsageError(`${replicas} replicas bear no twin: there must be 4`);
  const options = { ...(replicas === undefined ? {} : { replicas }), ...(rule === undefined ? {} : { rule }) };
  const sample = seed ?? Date.now() % 2 ** 32;
  return each(indicesOf(part, scenarios ?? SAMPLE), (index) => sampledScenario(sample, index, options));
}

function* each<From, To>(items: Iterable<From>, make: (item: From) => To): Generator<To> {
  for (const item of items) yield make(item);
}

async function readScenario(file: string): Promise<TwinsScenario> {
  const json = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`the scenario ${file} cannot be read: ${systemReason(error)}`);
  });
  const parsed = parseScenario(json);
  if (!parsed.ok) throw new Failure(`${file} is no scenario of twins: ${parsed.problem}`);
  return parsed.scenario;
}
