/**
 * Three of ten replicas are dead, and the others keep the pace in tenures of four views: what `pace.test.ts` shows of one of
 * four. In tenures of one view they do not 40 seconds after the deaths: 0.9 of 9.4 blocks a second (three-chain), 3.1 of 9.
 */
import test from 'ava';
import { keepsPace } from '../support/pace.js';

for (const rule of ['three-chain', 'two-chain'] as const) {
  test(`three of ten dead: at least 80 % of the blocks, at most twice the latency, T = 4, ${rule}`, (t) =>
    keepsPace(t, { replicas: 10, rule, tenure: 4 }, [2, 5, 8]));
}
