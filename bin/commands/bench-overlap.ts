import type { Command } from 'commander';
import {
  measureOverlap,
  type OverlapFigures,
  type OverlapReport,
  overlapVerdict,
} from '../../bench/speculation-report.js';
import { type SpeculationSettings, speculationDefaults } from '../../bench/speculation-settings.js';
import type { Lifecycle } from '../lifecycle.js';
import { UsageError } from '../outcome.js';
import { table } from '../table.js';
import { oneOf, wholeNumber } from '../usage.js';
import { addSpeculationFlags, type SpeculationFlags, speculationSettings } from './speculation-flags.js';

type OverlapFlags = SpeculationFlags & Pick<SpeculationSettings, 'machine' | 'rounds'>;

const MACHINES: readonly SpeculationSettings['machine'][] = ['burning', 'exchange'];
const ROUNDS_MAX = 100_000;

/** `hotstuff bench overlap`: what it is worth that a leader builds proposals while consensus is busy with earlier ones. */
export function registerBenchOverlap(bench: Command, lifecycle: Lifecycle): void {
  const { machine, rounds } = speculationDefaults;
  const command = bench
    .command('overlap')
    .description(
      'a speculative machine with dear proposals, with and without a buffer of them, behind delaying proxies',
    )
    .option(
      '--machine <NAME>',
      'what proposes: burning, a given CPU time; or exchange, prices of examples/exchange',
      oneOf('--machine', MACHINES),
      machine,
    )
    .option(
      '--rounds <N>',
      `rounds of the search for prices in one propose() of exchange, 1 to ${ROUNDS_MAX}`,
      wholeNumber('--rounds', { min: 1, max: ROUNDS_MAX }),
      rounds,
    )
    .addHelpText('after', '\nExample:\n  hotstuff bench overlap --delay 10 --propose-ms 20 --duration 10 --runs 3')
    .addHelpText('after', '  hotstuff bench overlap --machine exchange --rounds 220 --duration 10 --runs 3')
    .action(async (flags: OverlapFlags) => {
      checkTogether(flags, (name) => command.getOptionValueSource(name) === 'cli');
      const { stopping, warn: onRun } = lifecycle;
      const { runs, json } = flags;
      const report = await measureOverlap({ settings: speculationSettings(flags), runs, onRun, stopping });
      if (report !== null) lifecycle.print(json ? JSON.stringify(report) : described(report));
    });
  addSpeculationFlags(command, speculationDefaults);
}

/** What a proposal costs is said to each machine in its own way. */
function checkTogether({ machine, proposeMs, rounds }: OverlapFlags, isGiven: (name: string) => boolean): void {
  if (machine === 'exchange' && isGiven('proposeMs')) {
    throw new UsageError(
      `--propose-ms is ${proposeMs}; with --machine exchange a propose() costs what its work comes to: give --rounds`,
    );
  }
  if (machine === 'burning' && isGiven('rounds')) {
    throw new UsageError(`--rounds is ${rounds}; only --machine exchange searches for prices: give --propose-ms`);
  }
}

function described(report: OverlapReport): string {
  const { buffered, unbuffered, settings } = report;
  const head = [
    ...['', 'blocks/s', 'P ms', 'by the wall', 'R ms', 'next ms', 'E ms', 'cores', 'others'],
    ...['bound', 'blocks/s at the bound', 'ratio'],
  ];
  const row = (name: string, bound: string, figures: OverlapFigures) => {
    const { blocksPerSecond, proposeMs, proposeWallMs, certifyMs, nextMs, followMs } = figures;
    const costs = [proposeMs, proposeWallMs, certifyMs, nextMs.p50, followMs ?? '–', figures.cores, figures.otherCores];
    return [name, blocksPerSecond, ...costs, bound, figures.boundPerSecond, figures.ratio];
  };
  return `${table(head, [
    row(`buffer of ${settings.buffer}`, '1 / max(P, R)', buffered),
    row('no buffer', '1 / (P + R)', unbuffered),
  ])}

P: CPU time of one propose(), and the same by the clock on the wall, which is longer where the machine has no core for it.
R: from a proposal to its certificate; next: from there to the next proposal. E: CPU time of a follower's machine for a
block, which it reads, executes and commits. Cores: used by all replicas and the proxies; others: by other programs.
Blocks: with a proposal, committed.

${overlapVerdict(report)}`;
}
