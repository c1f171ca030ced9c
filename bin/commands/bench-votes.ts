import type { Command } from 'commander';
import type { SpanMs } from '../../bench/speculation-figures.js';
import { measureVotes, type VotesReport } from '../../bench/speculation-report.js';
import { speculationDefaults } from '../../bench/speculation-settings.js';
import type { Lifecycle } from '../lifecycle.js';
import { table } from '../table.js';
import { addSpeculationFlags, type SpeculationFlags, speculationSettings } from './speculation-flags.js';

/** Tenures so short that every replica proposes and votes, many times. */
const defaults = { ...speculationDefaults, tenure: 8 };

/** `hotstuff bench votes`: whether a machine that computes for long holds up its replica's votes. */
export function registerBenchVotes(bench: Command, lifecycle: Lifecycle): void {
  const command = bench
    .command('votes')
    .description('how long replicas take to vote while their machines build dear proposals, and free ones')
    .addHelpText('after', '\nExample:\n  hotstuff bench votes --propose-ms 20 --duration 10 --runs 3')
    .action(async (flags: SpeculationFlags) => {
      const { stopping, warn: onRun } = lifecycle;
      const { runs, json } = flags;
      const report = await measureVotes({ settings: speculationSettings(flags), runs, onRun, stopping });
      if (report !== null) lifecycle.print(json ? JSON.stringify(report) : described(report));
    });
  addSpeculationFlags(command, defaults);
}

function described({ busy, free, laterMs, settings }: VotesReport): string {
  const head = ['', 'votes', 'p50 ms', 'p99 ms', 'max ms'];
  const row = (name: string, { count, p50, p99, max }: SpanMs) => [name, count, p50, p99, max];
  const dear = `propose() of ${settings.proposeMs} ms`;
  return `${table(head, [
    row(`received to voted, ${dear}`, busy.receivedToVoted),
    row('received to voted, free', free.receivedToVoted),
    row(`proposed to voted, ${dear}`, busy.proposedToVoted),
    row('proposed to voted, free', free.proposedToVoted),
  ])}

At the 99th percentile votes are ${laterMs.receivedToVoted} ms later after the proposal is received, and ${laterMs.proposedToVoted} ms later
after it is sent, which the delay of ${settings.delayMs} ms is part of.`;
}
