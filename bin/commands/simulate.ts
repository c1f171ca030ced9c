import { type Command, Option } from 'commander';
import { replay, type SimulatedRun, type SimulationCase, simulate } from '../../actors/simulate.js';
import { workOf } from '../../actors/simulation/work-done.js';
import { leaderSchedules } from '../../src/protocol/leader-schedule.js';
import { SIMULATED_REPLICAS_MAX } from '../../src/simulation/case.js';
import { ownCorpus, readCase, readCorpus } from '../case-files.js';
import { failureName, writeFailures } from '../failed-cases.js';
import type { Lifecycle } from '../lifecycle.js';
import { UsageError } from '../outcome.js';
import { argumentsOf, checkFlags, MODES, RULES, type SimulateFlags } from '../simulate-flags.js';
import { FLOOR_SEEDS } from '../simulate-floors.js';
import { runJobs } from '../simulate-jobs.js';
import { indicesOf, partOf, WHOLE } from '../simulate-part.js';
import { printReport, RunTotals, type SimulateReport } from '../simulate-report.js';
import { runTwinsMode } from '../simulate-twins.js';
import { oneOf, refuseRepeats, text, wholeNumber } from '../usage.js';

const SEED_MAX = 2 ** 32 - 1;
/** Runs where the flags name none. */
const SEEDS = 20;
/** Between two seeds of one command, a prime: commands that begin a moment apart do not run the same seeds. */
const STRIDE = 7919;

/** `hotstuff simulate`: whole clusters from a seed, with faults; exit code 1 and a case to replay when an invariant breaks. */
export function registerSimulate(program: Command, lifecycle: Lifecycle): void {
  const command = program
    .command('simulate')
    .description('run whole clusters from seeds, with faults, and check that they stay correct')
    .addOption(
      new Option(
        '--mode <NAME>',
        'vopr (random faults and liars), byzz (liars that change fields), lite (none), twins (replicas that run twice, in a parted network), crashpoint (crashes at each durable step), corpus (cases that failed once) or replay (a case from a file)',
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
    .option(
      '--case <F>',
      'the case to replay; with --mode twins a scenario, with --mode corpus a directory',
      text('--case'),
    )
    .option(
      '--replicas <N>',
      'by default 4 or 7, by the seed',
      wholeNumber('--replicas', { min: 1, max: SIMULATED_REPLICAS_MAX }),
    )
    .addOption(new Option('--rule <RULE>', 'by default either, by the seed').argParser(oneOf('--rule', RULES)))
    .option(
      '--tenure <N>',
      'views in a tenure; by default by the seed',
      wholeNumber('--tenure', { min: 1, max: 1_000_000 }),
    )
    .option(
      '--speculative',
      'machines that build their own blocks and run ahead, in place of clients; of vopr and byzz',
    )
    .option(
      '--leader-schedule <S>',
      'by default by the seed, in lite and crashpoint round-robin',
      oneOf('--leader-schedule', leaderSchedules),
    )
    .addOption(
      new Option('--signatures <KIND>', 'hash (fast, the default) or ed25519 (the real ones)').argParser(
        oneOf('--signatures', ['hash', 'ed25519'] as const),
      ),
    )
    .option(
      '--events <N>',
      'how long runs are, 20000 by default: faults strike within a third of so many events, and a run ends when it has shown progress after them, or after 20 times as many, which is a failure (L7) of ten replicas at most, and unless this flag is given; lite has exactly so many',
      wholeNumber('--events', { min: 100, max: 100_000_000 }),
    )
    .option(
      '--floors',
      `fail where all runs together took a state and event, a mark or a type of fault too rarely, or came to few abstract states; of vopr, for ${FLOOR_SEEDS} runs`,
    )
    .option('--no-shrink', 'write a failed case or scenario as it is, not made smaller')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action((flags: SimulateFlags) => run(flags, lifecycle));
  refuseRepeats(command);
}

const HELP = `
A run in which an invariant breaks is made smaller and written to hotstuff-case-SEED.json,
with a report beside it (.md) that shows what was sent last; a scenario of twins is written
to hotstuff-twins-N-RULE-SEED.json, a crash to hotstuff-crash-SEED-HASH.json. The directory
is the current one; the exit code is 1. Mode crashpoint runs a short cluster once for each
crash at each of its durable steps: some minutes.

What all runs came to is printed: the states of the statecharts and the events that they
took there, the abstract states and how many of them each hundred runs brought, the marks,
the faults. With --floors the exit code is 1 if that is too little.

Example:
  hotstuff simulate --seeds 100 --jobs 2
  hotstuff simulate --seed 7 --replicas 4 --rule two-chain --json
  hotstuff simulate --speculative --seeds 50 --leader-schedule reputation
  hotstuff simulate --mode replay --case hotstuff-case-7.json
  hotstuff simulate --mode crashpoint --seed 1 --jobs 2
  hotstuff simulate --mode twins --scenarios 5000 --seed 1 --replicas 7
  hotstuff simulate --mode twins --exhaustive --part 3/100 --json`;

async function run(flags: SimulateFlags, lifecycle: Lifecycle): Promise<void> {
  checkFlags(flags);
  const report = await reportOf(flags, lifecycle);
  printReport(lifecycle, report, { json: flags.json ?? false, floors: flags.floors ?? false });
}

function reportOf(flags: SimulateFlags, lifecycle: Lifecycle): Promise<SimulateReport> {
  const { jobs, part = WHOLE } = flags;
  if (jobs > 1) return runJobs({ args: argumentsOf(flags), jobs, part }, lifecycle);
  return flags.mode === 'twins' ? runTwinsMode(flags, lifecycle) : runSeeds(flags, lifecycle);
}

async function runSeeds(flags: SimulateFlags, lifecycle: Lifecycle): Promise<SimulateReport> {
  const totals = new RunTotals(lifecycle, flags.json ?? false);
  const failures: SimulatedRun[] = [];
  const names = flags.mode === 'crashpoint' ? 'crashPoints' : 'seeds';
  // What is replayed stands in its file already, and is run once.
  const replayed = flags.mode === 'replay' ? flags.case : undefined;
  const onRun = (each: SimulatedRun): void => {
    const { seed, outcome } = each;
    const work = workOf(outcome, each.case);
    totals.add(
      { seed, rules: { [each.case.rule]: 1 }, work, ...outcome },
      replayed ?? `${failureName(each, names)}.json`,
    );
    if (!flags.json) for (const line of endedEarly(each)) lifecycle.print(`${replayed ?? `seed ${seed}`}: ${line}`);
    if (replayed === undefined && outcome.violations.length > 0) failures.push(each);
  };
  const crashPoints = await runAll(flags, lifecycle, onRun);
  await writeFailures(failures, {
    names,
    shrinks: flags.shrink,
    lifecycle,
    tell: flags.json ? () => undefined : lifecycle.print,
  });
  return { ...totals.report(), ...(flags.mode === 'crashpoint' ? { crashPoints } : {}) };
}

/** A run that ends before it heals has shown nothing of what must happen then. */
function endedEarly({ case: { healAt }, outcome: { events, virtualMs, violations } }: SimulatedRun): readonly string[] {
  if (healAt === null || virtualMs >= healAt || violations.length > 0) return [];
  const when = `after ${events} events, at ${virtualMs.toFixed(0)} ms`;
  return [`unfinished: the run ended ${when}, before its healing at ${healAt.toFixed(0)} ms; L1 to L5 were not judged`];
}

/** Returns how many durable steps were enumerated. */
async function runAll(flags: SimulateFlags, lifecycle: Lifecycle, onRun: (run: SimulatedRun) => void): Promise<number> {
  const { mode, replicas, rule, tenure, leaderSchedule, signatures, speculative, events } = flags;
  const signal = lifecycle.stopping;
  if (mode === 'replay' || mode === 'twins' || mode === 'corpus') {
    for (const parameters of await casesIn(flags)) {
      if (signal.aborted) break;
      onRun({ seed: parameters.seed, case: parameters, outcome: await replay(parameters, { signal }) });
    }
    return 0;
  }
  const report = await simulate({
    mode,
    seeds: seedsOf(flags),
    ...(mode === 'crashpoint' && flags.part !== undefined ? { part: flags.part } : {}),
    ...(signatures === undefined ? {} : { signatures }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(rule === undefined ? {} : { rule }),
    ...(tenure === undefined ? {} : { tenure }),
    ...(leaderSchedule === undefined ? {} : { leaderSchedule }),
    ...(speculative === undefined ? {} : { speculative }),
    ...(events === undefined ? {} : { eventsMax: events }),
    signal,
    onRun,
  });
  return report.crashPoints;
}

async function casesIn({ mode, case: file }: SimulateFlags): Promise<readonly SimulationCase[]> {
  if (mode === 'corpus') return file === undefined ? ownCorpus() : readCorpus(file);
  if (file === undefined) throw new UsageError('--mode replay needs --case FILE');
  return [await readCase(file)];
}

/** One seed, so many from it on, or so many that nobody has run: they follow from the time of day. */
function seedsOf({ mode, seed, seeds, part: asked = WHOLE }: SimulateFlags): readonly number[] {
  const isCrashPoint = mode === 'crashpoint';
  // Of crash points the crashes are shared out, not the seeds, and what is exhaustive needs no fresh seed.
  const part = isCrashPoint ? WHOLE : asked;
  const first = seed ?? (isCrashPoint ? 1 : Date.now() % SEED_MAX);
  const many = seeds ?? (seed === undefined && !isCrashPoint ? SEEDS : 1);
  return [...indicesOf(part, many)].map((index) => (first + index * STRIDE) % (SEED_MAX + 1));
}
