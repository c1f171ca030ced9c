import test from 'ava';
import { endureFlood, floods } from '../support/flood.js';

/** Another program on the machine may slow down one round; it does not slow down the same half of most. */
const ROUNDS = 3;

for (const flood of floods) {
  test.serial(
    `while one peer floods with ${flood.kind} the others' median commit latency at most doubles`,
    async (t) => {
      const ratios: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const { quiet, flooded } = await endureFlood(t, flood);
        ratios.push(flooded / quiet);
      }
      ratios.sort((a, b) => a - b);
      t.log(`ratios ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`);
      t.true((ratios[ROUNDS >> 1] ?? 0) <= 2, `ratios ${ratios}`);
    },
  );
}
