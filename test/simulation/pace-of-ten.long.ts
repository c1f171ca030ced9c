/**
 * Three of ten replicas are dead, and the others keep the pace: what `pace.test.ts` shows of one of four. In tenures of one
 * view it takes a minute until a hundred blocks are committed without the dead, at one a second (three-chain), 1.8 (two-chain).
 */
import test from 'ava';
import { keepsPace } from '../support/pace.js';

for (const rule of ['three-chain', 'two-chain'] as const) {
  for (const tenure of [1, 4]) {
    const title = `three of ten dead: at least 80 % of the blocks, at most twice the latency, T = ${tenure}, ${rule}`;
    test(title, (t) => keepsPace(t, { replicas: 10, rule, tenure }, [2, 5, 8], 80_000));
  }
}
