import type { Command } from 'commander';
import { measureOverlap, type OverlapFigures, type OverlapReport } from '../../bench/speculation-report.js';
import { speculationDefaults } from '../../bench/speculation-settings.js';
import type { Lifecycle } from '../lifecycle.js';
import { table } from '../table.js';
import { addSpeculationFlags, type SpeculationFlags, speculationSettings } from './speculation-flags.js';

/** `hotstuff bench overlap`: what it is worth that a leader builds proposals while consensus is busy with earlier ones. */
export function registerBenchOverlap(bench: Command, lifecycle: Lifecycle): void {
  const command = bench
    .command('overlap')
    .description(
      'a speculative machine with dear proposals, with and without a buffer of them, behind delaying proxies',
    )
    .addHelpText('after', '\nExample:\n  hotstuff bench overlap --delay 10 --propose-ms 20 --duration 10 --runs 3')
    .action(async (flags: SpeculationFlags) => {
      const { stopping, warn: onRun } = lifecycle;
      const { runs, json } = flags;
      const report = await measureOverlap({ settings: speculationSettings(flags), runs, onRun, stopping });
      if (report !== null) lifecycle.print(json ? JSON.stringify(report) : described(report));
    });
  addSpeculationFlags(command, speculationDefaults);
}

function described({ buffered, unbuffered, settings }: OverlapReport): string {
  const head = ['', 'blocks/s', 'P ms', 'by the wall', 'R ms', 'next ms', 'bound', 'blocks/s at the bound', 'ratio'];
  const row = (name: string, bound: string, figures: OverlapFigures) => {
    const { blocksPerSecond, proposeMs, proposeWallMs, certifyMs, nextMs, boundPerSecond, ratio } = figures;
    return [name, blocksPerSecond, proposeMs, proposeWallMs, certifyMs, nextMs.p50, bound, boundPerSecond, ratio];
  };
  return `${table(head, [
    row(`buffer of ${settings.buffer}`, '1 / max(P, R)', buffered),
    row('no buffer', '1 / (P + R)', unbuffered),
  ])}

P: CPU time of one propose(), and the same by the clock on the wall, which is longer where the machine has no core for it.
R: from a proposal to its certificate; next: from there to the next proposal. Blocks: with a proposal, committed.`;
}
