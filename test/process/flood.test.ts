/** That latency at most doubles needs a quiet machine or many rounds: flood.long.ts measures it. */
import test from 'ava';
import { endureFlood, floods } from '../support/flood.js';

const most = new Set(['badVotes', 'commands', 'halfMessages']);

for (const flood of floods.filter(({ kind }) => most.has(kind))) {
  test.serial(
    `while one peer floods with ${flood.kind} the others commit, no lane fills and memory is bounded`,
    async (t) => {
      await endureFlood(t, flood);
    },
  );
}
