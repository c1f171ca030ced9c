/** The main job on real input, in clusters of every small size: real processes, sockets and disks. */
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { scratch } from '../support/command-line.js';
import { readResults, succeed } from '../support/process-cluster.js';
import { assertCounted, writeWordCount } from '../support/word-count.js';

/** The last line of `cluster --exit --json`. */
interface Closing {
  readonly commands: { readonly submitted: number; readonly committed: number; readonly failed: number };
  readonly replicas: readonly { readonly id: number; readonly committedHeight: number; readonly stateHash: string }[];
}

interface Job {
  readonly replicas: number;
  /** How often the text is counted over; some 1,500 words each time. */
  readonly times: number;
}

/** Counts words on a fresh cluster, and checks counts and agreement. */
async function countWords(t: ExecutionContext, { replicas, times }: Job): Promise<void> {
  t.timeout(60_000);
  const directory = await scratch(t);
  const results = join(directory, 'results.jsonl');
  const job = await writeWordCount(directory, times);
  const files = ['--commands', job.commands, '--results', results];
  const { stdout } = await succeed(t, ['cluster', '--replicas', `${replicas}`, ...files, '--exit', '--json']);
  const closing = JSON.parse(stdout) as Closing;
  t.deepEqual(closing.commands, { submitted: job.words, committed: job.words, failed: 0 });
  t.deepEqual(
    closing.replicas.map(({ id }) => id),
    [...Array(replicas).keys()],
  );
  t.is(new Set(closing.replicas.map(({ committedHeight }) => committedHeight)).size, 1, 'one height');
  t.is(new Set(closing.replicas.map(({ stateHash }) => stateHash)).size, 1, 'one state hash');
  t.regex(closing.replicas[0]?.stateHash ?? '', /^[0-9a-f]{64}$/);
  assertCounted(t, await readResults(results), job);
}

test.serial('four processes count a text of more than 5,000 words as sort | uniq -c does, and agree', async (t) => {
  await countWords(t, { replicas: 4, times: 4 });
});

for (const replicas of [1, 2, 3, 7, 10]) {
  test.serial(`a cluster of ${replicas} counts the words of a text and agrees`, async (t) => {
    await countWords(t, { replicas, times: 1 });
  });
}

test.serial('three replicas say that none of them may fail, four that one may', async (t) => {
  t.timeout(60_000);
  for (const [replicas, said] of [
    [3, /3 replicas, none of which may fail/],
    [4, /4 replicas, of which 1 may fail/],
  ] as const) {
    const { stdout, stderr } = await succeed(t, ['cluster', '--replicas', `${replicas}`, '--exit']);
    t.regex(stdout + stderr, said);
  }
});
