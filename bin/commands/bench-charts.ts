import type { Command } from 'commander';
import { type ChartCost, measureCharts } from '../../bench/charts.js';
import type { Lifecycle } from '../lifecycle.js';
import { shown } from '../table.js';
import { refuseRepeats, wholeNumber } from '../usage.js';

interface ChartsFlags {
  readonly blocksPerSecond: number;
  readonly json?: true;
}

const RATE = { min: 1, max: 1_000_000 };

/** `hotstuff bench charts`: what statecharts cost beside an empty one in their place. */
export function registerBenchCharts(bench: Command, lifecycle: Lifecycle): void {
  const command = bench
    .command('charts')
    .description('what statecharts cost a block, beside an empty chart in their place')
    .option('--blocks-per-second <N>', 'reckon their share for so many', wholeNumber('--blocks-per-second', RATE), 900)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  hotstuff bench charts --blocks-per-second 900')
    .action(async ({ blocksPerSecond, json }: ChartsFlags) => {
      const cost = await measureCharts(blocksPerSecond, lifecycle.stopping);
      if (cost !== null) lifecycle.print(json ? JSON.stringify(cost) : sentence(cost));
    });
  refuseRepeats(command);
}

function sentence({ stepsPerBlock, nanosecondsPerBlock, blocksPerSecond, shareOfCore }: ChartCost): string {
  const { whole, tables } = nanosecondsPerBlock;
  const cost = `${shown(whole)} ns a block, ${shown(tables)} ns of it in the tables, for ${stepsPerBlock} steps`;
  return `${cost}: ${(shareOfCore * 100).toFixed(2)} % of a core at ${shown(blocksPerSecond)} blocks/s`;
}
