import test from 'ava';
import { endureFlood, type Flood, floods } from '../support/flood.js';

/** Another program on the machine may slow down one round; it does not slow down the same half of most. */
const ROUNDS = 3;

/**
 * Forwarded commands are work, which every replica does: here three of them on one thread, where each would have its own.
 * What a peer may fill of each block is bounded all the same.
 */
const mostOf = ({ kind }: Flood): number => (kind === 'commands' ? 4 : 2);

for (const flood of floods) {
  const most = mostOf(flood);
  test.serial(
    `while one peer floods with ${flood.kind} the others' median commit latency grows by ${most} at most`,
    async (t) => {
      const ratios: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const { quiet, flooded } = await endureFlood(t, flood);
        ratios.push(flooded / quiet);
      }
      ratios.sort((a, b) => a - b);
      t.log(`ratios ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`);
      t.true((ratios[ROUNDS >> 1] ?? 0) <= most, `ratios ${ratios}`);
    },
  );
}
