import type { Command } from 'commander';
import { type CrossingCost, measureCrossing } from '../../bench/crossing.js';
import type { Lifecycle } from '../lifecycle.js';
import { table } from '../table.js';
import { refuseRepeats, wholeNumber } from '../usage.js';

interface CrossingFlags {
  readonly ms: number;
  readonly json?: true;
}

const MS = { min: 1, max: 60_000 };

/** `hotstuff bench crossing`: what a message to an actor of another thread costs. */
export function registerBenchCrossing(bench: Command, lifecycle: Lifecycle): void {
  const command = bench
    .command('crossing')
    .description('what messages and bodies cost that cross to another thread')
    .option('--ms <N>', 'milliseconds measured for each figure', wholeNumber('--ms', MS), 500)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  hotstuff bench crossing --ms 1000')
    .action(async ({ ms, json }: CrossingFlags) => {
      const cost = await measureCrossing(ms, lifecycle.stopping);
      if (cost !== null) lifecycle.print(json ? JSON.stringify(cost) : described(cost));
    });
  refuseRepeats(command);
}

function described({ rounds, bodies }: CrossingCost): string {
  const us = (microseconds: number) => Math.round(microseconds * 10) / 10;
  const rounded = rounds.map(({ messages, roundUs, messageUs }) => [messages, us(roundUs), us(messageUs)]);
  const crossed = bodies.map(({ bytes, clonedUs, sentUs, sharedUs, sharedAgainUs }) => [
    bytes,
    ...[clonedUs, sentUs, sharedUs, sharedAgainUs].map(us),
  ]);
  return `${table(['votes in a batch', 'µs with the answer', 'µs a vote'], rounded)}

${table(['bytes of a body', 'µs cloned', 'µs as sent', 'µs copied into shared memory', 'µs shared already'], crossed)}`;
}
