/** The main job on real input, in clusters of every small size: real processes, sockets and disks. */
import test from 'ava';
import { countWords } from '../support/count-words.js';
import { succeed } from '../support/process-cluster.js';

test.serial('four processes count a text of more than 5,000 words as sort | uniq -c does, and agree', async (t) => {
  await countWords(t, { replicas: 4, times: 4 });
});

for (const replicas of [1, 2, 3, 7]) {
  test.serial(`a cluster of ${replicas} counts the words of a text and agrees`, async (t) => {
    await countWords(t, { replicas, times: 1 });
  });
}

test.serial('three replicas say that none of them may fail', async (t) => {
  t.timeout(60_000);
  const { stdout, stderr } = await succeed(t, ['cluster', '--replicas', '3', '--exit']);
  t.regex(stdout + stderr, /3 replicas, none of which may fail/);
});
