/**
 * A whole cluster with a dead replica keeps the pace of one without, once its schedule has adapted: what
 * `actors/consensus/leader-schedule` shows of consensus alone, with clients, machines, sockets and disks. T = 4 is in `pace.long.ts`,
 * three of ten are in `pace-of-ten.long.ts`.
 */
import test from 'ava';
import { keepsPace } from '../support/pace.js';

for (const rule of ['three-chain', 'two-chain'] as const) {
  test(`one of four dead: at least 80 % of the blocks, at most twice the latency, T = 1, ${rule}`, (t) =>
    keepsPace(t, { rule, tenure: 1 }, [2]));
}
