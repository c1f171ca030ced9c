import { readFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { replay, type SimulatedRun, type SimulationCase, simulate, violationLines } from '../../actors/simulate.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { systemReason } from '../../src/adapters/system-reason.js';
import { parseCase } from '../../src/simulation/case-text.js';
import type { Lifecycle } from '../lifecycle.js';
import { Failure, UsageError } from '../outcome.js';
import { oneOf, refuseRepeats, text, wholeNumber } from '../usage.js';

const MODES = ['vopr', 'lite', 'replay'] as const;
const RULES = ['three-chain', 'two-chain'] as const;
const SEED_MAX = 2 ** 32 - 1;

interface SimulateFlags {
  readonly mode: (typeof MODES)[number];
  readonly seed?: number;
  readonly seeds?: number;
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
      new Option('--mode <NAME>', 'vopr (random faults), lite (none) or replay (a case from a file)')
        .argParser(oneOf('--mode', MODES))
        .default('vopr'),
    )
    .option('--seed <S>', 'one run, of this seed', wholeNumber('--seed', { min: 0, max: SEED_MAX }))
    .option('--seeds <N>', 'so many runs, of fresh seeds', wholeNumber('--seeds', { min: 1, max: 10_000_000 }))
    .option('--case <F>', 'the case to replay', text('--case'))
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
A run in which an invariant breaks is written to hotstuff-case-SEED.json in the current
directory; the exit code is 1.

Example:
  hotstuff simulate --seeds 100
  hotstuff simulate --seed 7 --replicas 4 --rule two-chain --json
  hotstuff simulate --mode replay --case hotstuff-case-7.json`;

async function run(flags: SimulateFlags, lifecycle: Lifecycle): Promise<void> {
  const started = systemClock();
  const failures: SimulatedRun[] = [];
  const total = { seeds: 0, events: 0, virtualMs: 0, traceHash: '' };
  const onRun = (each: SimulatedRun): void => {
    const { seed, outcome } = each;
    total.seeds += 1;
    total.events += outcome.events;
    total.virtualMs += outcome.virtualMs;
    total.traceHash = outcome.traceHash;
    if (outcome.violations.length === 0) return;
    failures.push(each);
    if (flags.json) return;
    for (const line of violationLines(outcome.violations)) lifecycle.print(`seed ${seed}: ${line}`);
  };
  await runAll(flags, lifecycle, onRun);
  const wallSeconds = (systemClock() - started) / 1000;
  const violations = await Promise.all(failures.map((failure) => written(failure)));
  const { seeds, events, virtualMs, traceHash } = total;
  const report = {
    seeds,
    passed: seeds - failures.length,
    failed: failures.length,
    events,
    virtualSeconds: virtualMs / 1000,
    wallSeconds,
    ...(seeds === 1 ? { traceHash } : {}),
    violations,
  };
  lifecycle.print(flags.json ? JSON.stringify(report) : summary(report));
  if (failures.length > 0) throw new Failure(`${failures.length} of ${seeds} runs broke an invariant`);
}

async function runAll(flags: SimulateFlags, lifecycle: Lifecycle, onRun: (run: SimulatedRun) => void): Promise<void> {
  const { mode, replicas, rule, tenure, signatures, events } = flags;
  const signal = lifecycle.stopping;
  if (mode === 'replay') {
    const parameters = await readCase(flags);
    onRun({ seed: parameters.seed, case: parameters, outcome: await replay(parameters, { signal }) });
    return;
  }
  if (flags.case !== undefined) throw new UsageError('--case is for --mode replay');
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

/** One seed, or so many that nobody has run: they follow from the time of day, and each is told when it fails. */
function seedsOf({ seed, seeds }: SimulateFlags): readonly number[] {
  if (seed !== undefined && seeds !== undefined)
    throw new UsageError('--seed names one run, --seeds many: give one of them');
  if (seed !== undefined) return [seed];
  const first = Date.now() % SEED_MAX;
  return Array.from({ length: seeds ?? 20 }, (_, index) => (first + index * 7919) % SEED_MAX);
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

async function written({ seed, case: parameters, outcome }: SimulatedRun) {
  const file = `hotstuff-case-${seed}.json`;
  await writeFile(file, `${JSON.stringify(parameters, null, 2)}\n`);
  const [first] = outcome.violations;
  return { seed, invariant: first?.invariant ?? '', case: file };
}

function summary(report: {
  readonly seeds: number;
  readonly passed: number;
  readonly events: number;
  readonly virtualSeconds: number;
  readonly wallSeconds: number;
  readonly traceHash?: string;
}): string {
  const { seeds, passed, events, virtualSeconds, wallSeconds, traceHash } = report;
  const speed = `${Math.round(events / wallSeconds)} events/s, ${Math.round(virtualSeconds / wallSeconds)} times real time`;
  const hash = traceHash === undefined ? '' : `; trace ${traceHash}`;
  return `${passed} of ${seeds} runs passed: ${events} events, ${Math.round(virtualSeconds)} virtual seconds in ${wallSeconds.toFixed(1)} s (${speed})${hash}`;
}
