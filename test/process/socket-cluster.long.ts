/** The sizes under the second rule, and the tenure between the ends, that `socket-cluster.test.ts` leaves out. */
import test from 'ava';
import { commitsAndAgrees, commitsWithOneDead, VIEWS_PER_COMMAND_MAX } from '../support/socket-claims.js';

for (const replicas of [2, 3, 10]) {
  test.serial(`two-chain, n = ${replicas}: commands commit, all replicas reach one height and one state hash`, (t) =>
    commitsAndAgrees(t, { replicas, rule: 'two-chain' }),
  );
}

for (const rule of ['three-chain', 'two-chain'] as const) {
  const what = `a command's block commits within ${VIEWS_PER_COMMAND_MAX} views`;
  test.serial(`${rule}, tenure 4: with one of four dead from the start, ${what}`, (t) =>
    commitsWithOneDead(t, { rule, tenure: 4 }),
  );
}
