import { readFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { replay, type SimulatedRun, type SimulationCase, simulate } from '../../actors/simulate.js';
import { systemReason } from '../../src/adapters/system-reason.js';
import { parseCase } from '../../src/simulation/case-text.js';
import type { Lifecycle } from '../lifecycle.js';
import { Failure, UsageError } from '../outcome.js';
import { runJobs } from '../simulate-jobs.js';
import { indicesOf, type Part, partOf, WHOLE } from '../simulate-part.js';
import { printReport, RunTotals, type SimulateReport } from '../simulate-report.js';
import { runTwinsMode } from '../simulate-twins.js';
import { oneOf, refuseRepeats, text, wholeNumber } from '../usage.js';

const MODES = ['vopr', 'lite', 'twins', 'replay'] as const;
const RULES = ['three-chain', 'two-chain'] as const;
const SEED_MAX = 2 ** 32 - 1;
/** Runs where the flags name none. */
const SEEDS = 20;
/** Between two seeds of one command, a prime: commands that begin a moment apart do not run the same seeds. */
const STRIDE = 7919;

interface SimulateFlags {
  readonly mode: (typeof MODES)[number];
  readonly seed?: number;
  readonly seeds?: number;
  readonly scenarios?: number;
  readonly exhaustive?: true;
  readonly part?: Part;
  readonly jobs: number;
  readonly case?: string;
  readonly replicas?: number;
  readonly rule?: (typeof RULES)[number];
  readonly tenure?: number;
  readonly signatures: 'hash' | 'ed25519';
  readonly events?: number;
  readonly json?: true;
}

/** `hotstuff simulate`: whole clusters from a seed, with faults; exit code 1 and a case to replay when an invariant breaks. */
export function registerSimulate(program: Command, lifecycle: Lifecycle): void {
  const command = program
    .command('simulate')
    .description('run whole clusters from seeds, with faults, and check that they stay correct')
    .addOption(
      new Option(
        '--mode <NAME>',
        'vopr (random faults), lite (none), twins (replicas that run twice, in a parted network) or replay (a case from a file)',
      )
        .argParser(oneOf('--mode', MODES))
        .default('vopr'),
    )
    .option(
      '--seed <S>',
      'one run, of this seed; with --seeds the first of them; of twins, the sample of this seed',
      wholeNumber('--seed', { min: 0, max: SEED_MAX }),
    )
    .option(
      '--seeds <N>',
      'so many runs, of fresh seeds or from --seed on',
      wholeNumber('--seeds', { min: 1, max: 10_000_000 }),
    )
    .option(
      '--scenarios <N>',
      'so many scenarios of twins; by default 1000',
      wholeNumber('--scenarios', { min: 1, max: 100_000_000 }),
    )
    .option('--exhaustive', 'every scenario of twins with four replicas, four views and two parts in each')
    .option('--part <I/K>', 'of K parts of the runs the I-th', partOf)
    .option('--jobs <N>', 'in so many processes', wholeNumber('--jobs', { min: 1, max: 256 }), 1)
    .option('--case <F>', 'the case to replay; with --mode twins a scenario', text('--case'))
    .option('--replicas <N>', 'by default 4 or 7, by the seed', wholeNumber('--replicas', { min: 1, max: 100 }))
    .addOption(new Option('--rule <RULE>', 'by default either, by the seed').argParser(oneOf('--rule', RULES)))
    .option(
      '--tenure <N>',
      'views in a tenure; by default by the seed',
      wholeNumber('--tenure', { min: 1, max: 1_000_000 }),
    )
    .addOption(
      new Option('--signatures <KIND>', 'hash (fast) or ed25519 (the real ones)')
        .argParser(oneOf('--signatures', ['hash', 'ed25519'] as const))
        .default('hash'),
    )
    .option('--events <N>', 'events of a usual run', wholeNumber('--events', { min: 100, max: 100_000_000 }))
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action((flags: SimulateFlags) => run(flags, lifecycle));
  refuseRepeats(command);
}

const HELP = `
A run in which an invariant breaks is written to hotstuff-case-SEED.json, or to
hotstuff-twins-N-RULE-SEED.json, in the current directory; the exit code is 1.

Example:
  hotstuff simulate --seeds 100 --jobs 2
  hotstuff simulate --seed 7 --replicas 4 --rule two-chain --json
  hotstuff simulate --mode replay --case hotstuff-case-7.json
  hotstuff simulate --mode twins --scenarios 5000 --seed 1 --replicas 7
  hotstuff simulate --mode twins --exhaustive --part 3/100 --json`;

async function run(flags: SimulateFlags, lifecycle: Lifecycle): Promise<void> {
  checkFlags(flags);
  const report = await reportOf(flags, lifecycle);
  printReport(lifecycle, report, flags.json ?? false);
}

function reportOf(flags: SimulateFlags, lifecycle: Lifecycle): Promise<SimulateReport> {
  const { jobs, part = WHOLE } = flags;
  if (jobs > 1) return runJobs({ args: argumentsOf(flags), jobs, part }, lifecycle);
  return flags.mode === 'twins' ? runTwinsMode(flags, lifecycle) : runSeeds(flags, lifecycle);
}

/** The flags again, as a process is given them that runs a part. */
function argumentsOf({ part: _part, jobs: _jobs, json: _json, ...flags }: SimulateFlags): readonly string[] {
  return Object.entries(flags).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, String(value)],
  );
}

function checkFlags({
  mode,
  case: file,
  jobs,
  scenarios,
  exhaustive,
  seeds,
  tenure,
  signatures,
  events,
}: SimulateFlags) {
  const isTwins = mode === 'twins';
  if (file !== undefined && mode !== 'replay' && !isTwins)
    throw new UsageError('--case is for --mode replay and --mode twins');
  if (file !== undefined && jobs > 1) throw new UsageError('--case is one run: it takes no --jobs');
  if (!isTwins && (scenarios !== undefined || exhaustive))
    throw new UsageError('--scenarios and --exhaustive are for --mode twins');
  if (isTwins && (seeds !== undefined || tenure !== undefined || events !== undefined || signatures !== 'hash'))
    throw new UsageError('--mode twins takes no --seeds, --tenure, --events or --signatures');
}

async function runSeeds(flags: SimulateFlags, lifecycle: Lifecycle): Promise<SimulateReport> {
  const totals = new RunTotals(lifecycle, flags.json ?? false);
  const failures: SimulatedRun[] = [];
  const onRun = (each: SimulatedRun): void => {
    const { seed, outcome } = each;
    totals.add({ seed, ...outcome }, fileOf(each));
    if (outcome.violations.length > 0) failures.push(each);
  };
  await runAll(flags, lifecycle, onRun);
  for (const failure of failures) await writeFile(fileOf(failure), `${JSON.stringify(failure.case, null, 2)}\n`);
  return totals.report();
}

async function runAll(flags: SimulateFlags, lifecycle: Lifecycle, onRun: (run: SimulatedRun) => void): Promise<void> {
  const { mode, replicas, rule, tenure, signatures, events } = flags;
  const signal = lifecycle.stopping;
  if (mode === 'replay' || mode === 'twins') {
    const parameters = await readCase(flags);
    onRun({ seed: parameters.seed, case: parameters, outcome: await replay(parameters, { signal }) });
    return;
  }
  await simulate({
    mode,
    seeds: seedsOf(flags),
    signatures,
    ...(replicas === undefined ? {} : { replicas }),
    ...(rule === undefined ? {} : { rule }),
    ...(tenure === undefined ? {} : { tenure }),
    ...(events === undefined ? {} : { eventsMax: events }),
    signal,
    onRun,
  });
}

/** One seed, so many from it on, or so many that nobody has run: they follow from the time of day. */
function seedsOf({ seed, seeds, part = WHOLE }: SimulateFlags): readonly number[] {
  const first = seed ?? Date.now() % SEED_MAX;
  const many = seeds ?? (seed === undefined ? SEEDS : 1);
  return [...indicesOf(part, many)].map((index) => (first + index * STRIDE) % (SEED_MAX + 1));
}

async function readCase({ case: file }: SimulateFlags): Promise<SimulationCase> {
  if (file === undefined) throw new UsageError('--mode replay needs --case FILE');
  const json = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`the case ${file} cannot be read: ${systemReason(error)}`);
  });
  const parsed = parseCase(json);
  if (!parsed.ok) throw new Failure(`${file} is no case: ${parsed.problem}`);
  return parsed.case;
}

function fileOf({ seed }: SimulatedRun): string {
  return `hotstuff-case-${seed}.json`;
}
