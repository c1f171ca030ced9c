/** What `pace.test.ts` shows at T = 1, where the dead one is met most often, in tenures of four views. */
import test from 'ava';
import { keepsPace } from '../support/pace.js';

for (const rule of ['three-chain', 'two-chain'] as const) {
  test(`one of four dead: at least 80 % of the blocks, at most twice the latency, T = 4, ${rule}`, (t) =>
    keepsPace(t, { rule, tenure: 4 }, [2]));
}
