/** The main job on a fresh cluster of `hotstuff cluster`, whatever its size. */
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { scratch } from './command-line.js';
import { readResults, succeed } from './process-cluster.js';
import { assertCounted, writeWordCount } from './word-count.js';

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
export async function countWords(t: ExecutionContext, { replicas, times }: Job): Promise<void> {
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
