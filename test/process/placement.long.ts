/** Every actor of four replica processes on its thread: `cluster.test.ts` puts two of them on threads. */
import test from 'ava';
import { resultsWithoutHeights } from '../support/placed-job.js';

test.serial('with a thread for each actor the main job gives the same file as on one, but for heights', async (t) => {
  t.deepEqual(await resultsWithoutHeights(t, 'threads'), await resultsWithoutHeights(t, 'inline'));
});
