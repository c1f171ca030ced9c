import type { Command } from 'commander';
import { type IdleReport, type IdleSettings, measureIdle } from '../../bench/idle.js';
import type { Lifecycle } from '../lifecycle.js';
import { table } from '../table.js';
import { refuseRepeats, wholeNumber } from '../usage.js';

interface IdleFlags extends IdleSettings {
  readonly json?: true;
}

const REPLICAS = { min: 1, max: 100 };
const DURATION = { min: 1, max: 86_400 };
const WARMUP = { min: 0, max: 3600 };

/** `hotstuff bench idle`: what replicas cost that have nothing to do. */
export function registerBenchIdle(bench: Command, lifecycle: Lifecycle): void {
  const command = bench
    .command('idle')
    .description('the CPU time of a cluster that nobody sends a command, a process for each replica')
    .option('--replicas <N>', 'replicas, 1 to 100', wholeNumber('--replicas', REPLICAS), 4)
    .option('--duration <N>', 'seconds measured, 1 to 86400', wholeNumber('--duration', DURATION), 60)
    .option('--warmup <N>', 'seconds before, 0 to 3600', wholeNumber('--warmup', WARMUP), 15)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  hotstuff bench idle --duration 60')
    .action(async ({ json, ...settings }: IdleFlags) => {
      const report = await measureIdle(settings, lifecycle.stopping);
      if (report !== null) lifecycle.print(json ? JSON.stringify(report) : described(report));
    });
  refuseRepeats(command);
}

function described({ replicas, blocksPerSecond }: IdleReport): string {
  const rows = replicas.map(({ id, corePercent, rssBytes }) => [id, corePercent, Math.round(rssBytes / 2 ** 20)]);
  return `${table(['replica', '% of a core', 'MiB'], rows)}\n${blocksPerSecond} empty blocks a second`;
}
