/** The main job where actors run in this place or that: what comes of it must be the same. */
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { scratch } from './command-line.js';
import { type ResultLine, readResults, succeed, succeedHere } from './process-cluster.js';

const COMMANDS = 'examples/key-value/commands.txt';

/** Runs the example's commands on a fresh cluster of four, demands agreement, and answers with the results in their order. */
export async function resultsWithoutHeights(
  t: ExecutionContext,
  placement: string,
): Promise<readonly Omit<ResultLine, 'height'>[]> {
  const dir = await scratch(t);
  const [home, out] = [join(dir, 'c'), join(dir, 'results.jsonl')];
  // A change of leaders, which a busy machine may bring, puts commands in flight in another order.
  await succeedHere(t, ['init', '--dir', home, '--base-timeout', '30000']);
  const flags = ['--placement', placement, '--results', out, '--exit', '--json'];
  const { stdout } = await succeed(t, ['cluster', '--dir', home, '--commands', COMMANDS, ...flags]);
  const { commands, replicas } = JSON.parse(stdout) as {
    readonly commands: { readonly committed: number };
    readonly replicas: readonly { readonly stateHash: string }[];
  };
  const lines = (await readResults(out)).map(({ height: _, ...line }) => line);
  t.is(commands.committed, lines.length);
  t.is(new Set(replicas.map(({ stateHash }) => stateHash)).size, 1, placement);
  return lines.toSorted((a, b) => a.index - b.index);
}
