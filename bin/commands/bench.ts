import { type Command, Option } from 'commander';
import { type BenchReport, runBench } from '../../bench/report.js';
import { type BenchSettings, benchDefaults, type Faults } from '../../bench/settings.js';
import { clusterRanges } from '../../src/config/cluster-file.js';
import { limits } from '../../src/config/limits.js';
import { leaderSchedules } from '../../src/protocol/leader-schedule.js';
import { faultBound } from '../../src/protocol/quorum.js';
import type { Lifecycle } from '../lifecycle.js';
import { UsageError } from '../outcome.js';
import { shown, table } from '../table.js';
import { oneOf, PLACEMENT_HELP, placement, refuseRepeats, text, wholeNumber } from '../usage.js';
import { registerBenchBodies } from './bench-bodies.js';
import { registerBenchCharts } from './bench-charts.js';
import { registerBenchCrossing } from './bench-crossing.js';
import { registerBenchIdle } from './bench-idle.js';
import { registerBenchOverlap } from './bench-overlap.js';
import { registerBenchPool } from './bench-pool.js';
import { registerBenchVotes } from './bench-votes.js';

interface BenchFlags extends BenchSettings {
  readonly runs: number;
  readonly reference?: true;
  readonly json?: true;
}

const COUNT_MAX = 1_000_000;

/** `hotstuff bench cluster`: how fast a cluster is on this machine. */
export function registerBench(program: Command, lifecycle: Lifecycle): void {
  const bench = program
    .command('bench')
    .description('measure how fast this machine is')
    .helpOption('--help', 'print this help');
  bench.allowExcessArguments().action(() => {
    const [name] = bench.args;
    const problem = name === undefined ? 'no benchmark is given' : `unknown benchmark '${name}'`;
    throw new UsageError(`${problem}; hotstuff bench --help lists them`);
  });
  bench.addHelpText('after', '\nExample:\n  hotstuff bench cluster --duration 10 --runs 5 --reference');
  registerBenchBodies(bench, lifecycle);
  registerBenchCharts(bench, lifecycle);
  registerBenchCrossing(bench, lifecycle);
  registerBenchIdle(bench, lifecycle);
  registerBenchPool(bench, lifecycle);
  registerBenchOverlap(bench, lifecycle);
  registerBenchVotes(bench, lifecycle);
  const command = bench
    .command('cluster')
    .description('a fresh cluster on this machine under load, a process for each replica')
    .addHelpText('after', '\nExample:\n  hotstuff bench cluster --duration 10 --runs 5 --reference --json')
    .action((flags: BenchFlags) => bencherOf(flags, lifecycle));
  const defaults = benchDefaults;
  const count = (flag: string, min: number, max: number, what: string, preset: number): void => {
    command.option(`${flag} <N>`, `${what}, ${min} to ${max}`, wholeNumber(flag, { min, max }), preset);
  };
  const name = (flag: string, names: readonly string[], what: string, preset: string): void => {
    command.option(`${flag} <NAME>`, `${what}: ${names.join(' or ')}`, oneOf(flag, names), preset);
  };
  count('--replicas', 1, 100, 'replicas', defaults.replicas);
  count('--batch', 1, COUNT_MAX, 'commands in a block at most', defaults.batch);
  count('--batch-bytes', 2 * limits.commandBytes, limits.bodyBytes, 'bytes in a block at most', defaults.batchBytes);
  count('--batch-ms', 0, 60_000, 'milliseconds that a block waits for company', defaults.batchMs);
  count('--payload', 1, 64 * 1024, 'bytes of a value', defaults.payload);
  count('--reply-bytes', 0, 64 * 1024, 'bytes of a reply of the machine none', defaults.replyBytes);
  count('--key-bytes', 1, 1024, 'bytes of a key', defaults.keyBytes);
  count('--clients', 1, 64, 'client processes', defaults.clients);
  count('--outstanding', 1, 32_768, 'commands in flight over all clients', defaults.outstanding);
  count('--rate', 0, COUNT_MAX, 'commands a second whatever the answers; 0 as fast as they come', defaults.rate);
  count('--duration', 1, 86_400, 'seconds measured', defaults.duration);
  count('--warmup', 0, 3600, 'seconds before', defaults.warmup);
  name('--durability', ['durable', 'volatile'], 'whether votes wait for the disk', defaults.durability);
  name('--machine', ['none', 'key-value'], 'what executes commands', defaults.machine);
  name('--rule', ['three-chain', 'two-chain'], 'commit rule', defaults.rule);
  count('--tenure', clusterRanges.tenure.min, clusterRanges.tenure.max, 'views of one leader', defaults.tenure);
  name('--leader-schedule', leaderSchedules, 'who leads', defaults.leaderSchedule);
  count('--pool-size', 0, limits.poolThreads, 'threads of each replica’s pool, 0 for none', defaults.poolSize);
  name('--transport', ['tls', 'plain'], 'between processes', defaults.transport);
  const placed = PLACEMENT_HELP.replace('its actors', 'the actors of a replica');
  command.option('--placement <P>', placed, placement, defaults.placement);
  command.addOption(
    new Option('--faults <F>', 'none, dead=K (K replicas never start) or kill-leader@10s')
      .argParser(faults)
      .default(defaults.faults, 'none'),
  );
  count('--seed', 1, 2 ** 31 - 1, 'draws the keys', defaults.seed);
  count('--runs', 1, 1000, 'runs, each on a fresh cluster; the median counts', 1);
  command.option('--reference', 'run the bare loop beside: the same load without a protocol');
  command.option('--json', 'print one JSON document');
  refuseRepeats(command);
}

async function bencherOf({ runs, reference, json, ...settings }: BenchFlags, lifecycle: Lifecycle): Promise<void> {
  checkTogether(settings);
  const { stopping, warn } = lifecycle;
  const report = await runBench({ settings, runs, reference: reference ?? false, onRun: warn, stopping });
  if (report !== null) lifecycle.print(json ? JSON.stringify(report) : describe(report));
}

function checkTogether({
  faults: { kind, ...fault },
  replicas,
  duration,
  clients,
  outstanding,
  rate,
}: BenchSettings): void {
  const faulty = faultBound(replicas);
  if ('count' in fault && fault.count > faulty) {
    throw new UsageError(`--faults is dead=${fault.count}; of ${replicas} replicas at most ${faulty} may be dead`);
  }
  if (kind === 'killLeader' && faulty === 0) {
    throw new UsageError(`--faults kills the leader, but of ${replicas} replicas none may fail; that takes 4`);
  }
  if ('atSecond' in fault && fault.atSecond >= duration) {
    throw new UsageError(
      `--faults kills the leader after ${fault.atSecond} s; it must be less than --duration ${duration}`,
    );
  }
  if (outstanding < clients && rate === 0) {
    throw new UsageError(`--outstanding is ${outstanding}; it must be at least --clients ${clients}`);
  }
}

function faults(value: string): Faults {
  const given = text('--faults')(value);
  if (given === 'none') return { kind: 'none' };
  const [, dead] = /^dead=(\d{1,3})$/.exec(given) ?? [];
  if (dead !== undefined) return { kind: 'dead', count: Number(dead) };
  const [, second] = /^kill-leader@(\d{1,5})s$/.exec(given) ?? [];
  if (second !== undefined) return { kind: 'killLeader', atSecond: Number(second) };
  throw new UsageError(`--faults is ${JSON.stringify(given)}; it must be none, dead=K or kill-leader@10s`);
}

function describe(report: BenchReport): string {
  const { reference } = report;
  const head = ['', 'commands/s', 'per CPU second', 'blocks/s', 'p50 ms', 'p99 ms', 'max ms', 'errors'];
  const row = (name: string, { commandsPerSecond, commandsPerCpuSecond, latencyMs }: Measured): string[] => {
    const { p50, p99, max } = latencyMs;
    return [
      name,
      shown(Math.round(commandsPerSecond)),
      shown(Math.round(commandsPerCpuSecond)),
      '',
      `${p50}`,
      `${p99}`,
      `${max}`,
      '',
    ];
  };
  const ours = row('hotstuff', report);
  ours[3] = shown(Math.round(report.blocksPerSecond));
  ours[7] = `${report.errors}`;
  const threads = describeThreads(report);
  if (reference === undefined) return `${table(head, [ours])}${threads}`;
  return `${table(head, [ours, row('bare loop', reference)])}\nratio to the bare loop: ${reference.ratio}${threads}`;
}

/** Nothing where the system does not tell. */
function describeThreads({ coresByThread, blocksPerSecond }: BenchReport): string {
  const threads = Object.entries(coresByThread);
  if (threads.length === 0) return '';
  const rows = threads.map(([thread, cores]) => [
    thread,
    (cores * 100).toFixed(1),
    ((cores * 1e6) / blocksPerSecond).toFixed(0),
  ]);
  return `\n\n${table(['thread of a replica', '% of a core', 'µs a block'], rows)}`;
}

type Measured = Pick<BenchReport, 'commandsPerSecond' | 'commandsPerCpuSecond' | 'latencyMs'>;
