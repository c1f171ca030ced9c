/** What the calls of `hotstuff/simulation` take, and what each of their options may be. */
import { checkOptions, checkValue } from '../../src/config/check-options.js';
import { clusterRanges, clusterRules } from '../../src/config/cluster-file.js';
import {
  abortSignal,
  anyOptions,
  callback,
  flag,
  type OptionKind,
  type OptionTable,
  oneOf,
  optionsOf,
  required,
  text,
  whole,
} from '../../src/config/option-kinds.js';
import { ConfigurationError } from '../../src/errors.js';
import { leaderSchedules } from '../../src/protocol/leader-schedule.js';
import { EVENTS_MAX, SIMULATED_REPLICAS_MAX, type SimulationCase } from '../../src/simulation/case.js';
import type { CaseReport } from '../../src/simulation/case-report.js';
import { caseProblem } from '../../src/simulation/case-text.js';
import type { SwarmOptions } from '../../src/simulation/swarm.js';
import { strategyNames } from './liars/strategies.js';
import type { RunOutcome } from './run-case.js';
import { tightLimits } from './tight-limits.js';
import type { SpeculativeWorkload, Workload } from './workload.js';

/**
 * `vopr`: random faults and liars, then none but the liars, and progress is demanded · `byzz`: the same, with liars that change
 * single fields of what they send (ByzzFuzz) · `lite`: no faults · `crashpoint`: a short run once for each crash at each of its
 * durable steps; a seed is many runs.
 */
export type SimulationMode = 'vopr' | 'byzz' | 'lite' | 'crashpoint';

/** What `simulate` takes. */
export interface SimulateOptions extends SwarmOptions {
  /** The state machine and its commands, or one that builds its own blocks; by default a few registers. */
  readonly workload?: Workload | SpeculativeWorkload;
  /** Seeds, whole numbers from 0; each is a run. */
  readonly seeds: Iterable<number>;
  /** By default `vopr`. */
  readonly mode?: SimulationMode;
  /** Of the crashes that `crashpoint` enumerates every `of`th, from the `number`th (1 ..) on; by default all. */
  readonly part?: { readonly number: number; readonly of: number };
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

/** What `replay` takes besides its case. */
export type ReplayOptions = Pick<SimulateOptions, 'workload' | 'signal'>;

/** What `shrinkRun` takes besides its run; `runsMax` is 500 by default. */
export type ShrinkRunOptions = ReplayOptions & { readonly runsMax?: number };

/** What `reportOf` takes besides its case. */
export type ReportOptions = Pick<SimulateOptions, 'workload'> & Pick<CaseReport, 'file' | 'revision' | 'faultsBefore'>;

type CaseMode = Exclude<SimulationMode, 'crashpoint'>;

const CASE_MODES: readonly CaseMode[] = ['vopr', 'byzz', 'lite'];
const seedKind = whole(0, Number.MAX_SAFE_INTEGER);
const countKind = whole(1, Number.MAX_SAFE_INTEGER);
const list: OptionKind = { admits: Array.isArray, says: 'an array' };
const iterable: OptionKind = {
  admits: (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
  says: 'an array of seeds, or something else that is iterable',
};
const probability: OptionKind = {
  admits: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  says: 'a number from 0 to 1',
};
const workload: OptionKind = {
  admits: isWorkload,
  says: 'an object with the functions createMachine and command, and perhaps judge; or with createSpeculative',
  code: 'SIMULATION_WORKLOAD',
};

const SWARM_TABLE: OptionTable<SwarmOptions> = {
  replicas: whole(1, SIMULATED_REPLICAS_MAX),
  rule: oneOf(...clusterRules),
  tenure: whole(clusterRanges.tenure.min, clusterRanges.tenure.max),
  leaderSchedule: oneOf(...leaderSchedules),
  signatures: oneOf('hash', 'ed25519'),
  strategies: list,
  laterStrategies: list,
  speculative: flag,
  tightLimits: list,
  laterTightLimits: list,
  liarsProbability: probability,
  eventsMax: whole(1, EVENTS_MAX),
};

const SIMULATE_TABLE: OptionTable<SimulateOptions> = {
  ...SWARM_TABLE,
  workload,
  seeds: required(iterable),
  mode: oneOf(...CASE_MODES, 'crashpoint'),
  part: optionsOf<NonNullable<SimulateOptions['part']>>({ number: required(countKind), of: required(countKind) }),
  onRun: callback,
  signal: abortSignal,
};

const REPLAY_TABLE: OptionTable<ReplayOptions> = { workload, signal: abortSignal };
const SHRINK_TABLE: OptionTable<ShrinkRunOptions> = { ...REPLAY_TABLE, runsMax: whole(0, Number.MAX_SAFE_INTEGER) };
const REPORT_TABLE: OptionTable<ReportOptions> = {
  workload,
  file: required(text('the name of the case’s file')),
  revision: required(text('a revision')),
  faultsBefore: required(whole(0, Number.MAX_SAFE_INTEGER)),
};

/** @throws ConfigurationError for the first option of `simulate` that cannot work; seeds that come one by one are checked as they come. */
export function checkSimulateOptions(options: SimulateOptions): void {
  checkOptions(SIMULATE_TABLE, options, { call: 'simulate' });
  checkLists(options);
  const { seeds, part } = options;
  if (Array.isArray(seeds)) for (const [index, seed] of seeds.entries()) checkSeed(`seeds[${index}]`, seed);
  if (part !== undefined) checkValue('part.number', part.number, whole(1, part.of, ', which is part.of'));
}

/** @throws ConfigurationError naming the seed, when it is no whole number from 0. */
export function checkSeed(name: string, seed: unknown): void {
  checkValue(name, seed, seedKind);
}

/** Checks what `caseOf` is given. @throws ConfigurationError */
export function checkDraw(mode: CaseMode, seed: number, options: SwarmOptions): void {
  checkValue('mode', mode, oneOf(...CASE_MODES));
  checkSeed('seed', seed);
  checkOptions(SWARM_TABLE, options, { call: 'caseOf' });
  checkLists(options);
}

/** Checks what `replay` is given. @throws ConfigurationError */
export function checkReplay(parameters: SimulationCase, options: ReplayOptions): void {
  checkCase(parameters);
  checkOptions(REPLAY_TABLE, options, { call: 'replay' });
}

/** Checks what `shrinkRun` is given. @throws ConfigurationError */
export function checkShrink(run: SimulatedRun, options: ShrinkRunOptions): void {
  checkValue('the run', run, { ...anyOptions, says: 'a run that simulate told of' });
  checkCase(run.case);
  checkOptions(SHRINK_TABLE, options, { call: 'shrinkRun' });
}

/** Checks what `reportOf` is given. @throws ConfigurationError */
export function checkReport(parameters: SimulationCase, options: ReportOptions): void {
  checkCase(parameters);
  checkOptions(REPORT_TABLE, options, { call: 'reportOf' });
}

function checkCase(parameters: SimulationCase): void {
  const problem = caseProblem(parameters);
  if (problem !== null) throw new ConfigurationError('SIMULATION_CASE', `the case cannot be run: ${problem}`);
}

function checkLists({ strategies, laterStrategies, ...tight }: SwarmOptions): void {
  const strategy = oneOf(...strategyNames);
  checkEach('strategies', strategies, strategy);
  checkEach('laterStrategies', laterStrategies, { ...list, says: 'an array of strategies that came together' });
  for (const [index, later] of (laterStrategies ?? []).entries())
    checkEach(`laterStrategies[${index}]`, later, strategy);
  const limit = oneOf(...Object.keys(tightLimits));
  checkEach('tightLimits', tight.tightLimits, limit);
  checkEach('laterTightLimits', tight.laterTightLimits, limit);
}

function checkEach(name: string, values: readonly unknown[] | undefined, kind: OptionKind): void {
  for (const [index, value] of (values ?? []).entries()) checkValue(`${name}[${index}]`, value, kind);
}

function isWorkload(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const given = value as Readonly<Partial<Record<keyof Workload | keyof SpeculativeWorkload, unknown>>>;
  if ('createSpeculative' in given) return typeof given.createSpeculative === 'function';
  const { createMachine, command, judge = null } = given;
  return (
    typeof createMachine === 'function' &&
    typeof command === 'function' &&
    (judge === null || typeof judge === 'function')
  );
}
