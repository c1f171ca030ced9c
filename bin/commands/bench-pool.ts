import type { Command } from 'commander';
import { measurePool, type PoolCost, type PoolCosts } from '../../bench/pool.js';
import type { Lifecycle } from '../lifecycle.js';
import { table } from '../table.js';
import { refuseRepeats, wholeNumber } from '../usage.js';

interface PoolFlags {
  readonly ms: number;
  readonly json?: true;
}

const MS = { min: 1, max: 60_000 };

/** `hotstuff bench pool`: from where on work is worth another thread. */
export function registerBenchPool(bench: Command, lifecycle: Lifecycle): void {
  const command = bench
    .command('pool')
    .description('signatures and bodies in the pool beside the same on the thread that asks')
    .option('--ms <N>', 'milliseconds measured for each figure', wholeNumber('--ms', MS), 500)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  hotstuff bench pool --ms 1000')
    .action(async ({ ms, json }: PoolFlags) => {
      const costs = await measurePool(ms);
      lifecycle.print(json ? JSON.stringify(costs) : described(costs));
    });
  refuseRepeats(command);
}

function described({ signatures, bodies, suggested }: PoolCosts): string {
  const from = (amount: number | null, what: string) =>
    amount === null ? `never for ${what}` : `from ${amount} ${what} on`;
  return `${costTable('signatures', signatures)}

${costTable('bytes of a body', bodies)}

The pool is worth it ${from(suggested.signatures, 'signatures')}, and ${from(suggested.bodyBytes, 'bytes')}: the thread that asks
is busy for a quarter of the time at most, and waits for the answer half as long again at most.`;
}

function costTable(amount: string, costs: readonly PoolCost[]): string {
  const us = (microseconds: number) => Math.round(microseconds * 10) / 10;
  const rows = costs.map(({ amount, inlineUs, pooledUs, busyUs }) => [amount, us(inlineUs), us(pooledUs), us(busyUs)]);
  return table([amount, 'µs inline', 'µs in the pool', 'of it busy'], rows);
}
