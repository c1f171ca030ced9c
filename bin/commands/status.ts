import type { Command } from 'commander';
import { createClient, type StatusAnswer } from '../../actors/create-client.js';
import { loadCluster } from '../../src/adapters/cluster-files.js';
import type { Lifecycle } from '../lifecycle.js';
import { Failure } from '../outcome.js';
import { table } from '../table.js';
import { refuseRepeats, text } from '../usage.js';

interface StatusOptions {
  readonly dir: string;
  readonly json?: true;
}

/** How long a replica has to answer: less than a signal leaves. */
const ANSWER_MS = 3000;

/** One replica in `hotstuff status --json`; null where it could not be asked. */
interface StatusRow {
  readonly id: number;
  readonly reachable: boolean;
  readonly view: number | null;
  readonly leader: number | null;
  readonly committedHeight: number | null;
  readonly stateHash: string | null;
  /** Blocks behind the furthest replica that answered. */
  readonly lag: number | null;
  /** What is wrong with a replica at whose address something else answers; absent otherwise. */
  readonly problem?: string;
}

/** `hotstuff status`: what each replica of a cluster says of itself. */
export function registerStatus(program: Command, lifecycle: Lifecycle): void {
  const command = program
    .command('status')
    .description('ask each replica for its view, leader, height and state')
    .requiredOption('--dir <D>', 'directory of the cluster', text('--dir'))
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  hotstuff status --dir ./cluster')
    .action(async ({ dir, json }: StatusOptions) => {
      const cluster = await loadCluster(dir);
      await using client = createClient({ cluster });
      const replicas = rows(await client.status({ withinMs: ANSWER_MS }));
      lifecycle.print(json ? JSON.stringify({ replicas }) : describe(replicas));
      const silent = !replicas.some(({ reachable }) => reachable);
      if (silent && !lifecycle.stopping.aborted) throw new Failure('no replica answers; is the cluster running?');
    });
  refuseRepeats(command);
}

function rows(answers: readonly StatusAnswer[]): readonly StatusRow[] {
  const heights = answers.flatMap((answer) => (answer.reachable ? [answer.committedHeight as number] : []));
  const furthest = Math.max(0, ...heights);
  return answers.map((answer) => {
    if (!answer.reachable) {
      const unknown = { view: null, leader: null, committedHeight: null, stateHash: null, lag: null };
      const problem = answer.problem === undefined ? {} : { problem: answer.problem };
      return { id: answer.id, reachable: false, ...unknown, ...problem };
    }
    const { id, view, leader, committedHeight, stateHash } = answer;
    return { id, reachable: true, view, leader, committedHeight, stateHash, lag: furthest - committedHeight };
  });
}

function describe(replicas: readonly StatusRow[]): string {
  const head = ['replica', 'reachable', 'view', 'leader', 'height', 'lag', 'state hash'];
  const cells = replicas.map(({ id, reachable, view, leader, committedHeight, lag, stateHash }) => [
    `${id}`,
    reachable ? 'yes' : 'no',
    ...[view, leader, committedHeight, lag].map((value) => (value === null ? '-' : `${value}`)),
    stateHash ?? '-',
  ]);
  const problems = replicas.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  return [table(head, cells), ...problems].join('\n');
}
