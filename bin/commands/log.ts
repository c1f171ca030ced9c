import type { Command } from 'commander';
import { type Client, createClient } from '../../actors/create-client.js';
import { loadCluster, replicaDirectory } from '../../src/adapters/cluster-files.js';
import { openCommittedLog } from '../../src/adapters/committed-log.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { limits } from '../../src/config/limits.js';
import { asHeight, asReplicaId, NUMBER_MAX, type ReplicaId } from '../../src/protocol/numbers.js';
import { summaryOf } from '../../src/wire/block-summary.js';
import type { BlockSummary } from '../../src/wire/client-messages.js';
import type { Lifecycle } from '../lifecycle.js';
import { UsageError } from '../outcome.js';
import { refuseRepeats, text, wholeNumber } from '../usage.js';

interface LogOptions {
  readonly dir: string;
  readonly replica: number;
  readonly from: number;
  readonly limit?: number;
  readonly json?: true;
}

/** `hotstuff log`: the committed blocks of one replica, running or stopped. */
export function registerLog(program: Command, lifecycle: Lifecycle): void {
  const command = program
    .command('log')
    .description('list the committed blocks of a replica, running or stopped')
    .requiredOption('--dir <D>', 'directory of the cluster', text('--dir'))
    .requiredOption('--replica <I>', 'index of the replica', wholeNumber('--replica', { min: 0, max: NUMBER_MAX }))
    .option('--from <H>', 'height of the first block', wholeNumber('--from', { min: 0, max: NUMBER_MAX }), 1)
    .option('--limit <N>', 'blocks at most; all without it', wholeNumber('--limit', { min: 1, max: NUMBER_MAX }))
    .option('--json', 'print a JSON object a line')
    .addHelpText('after', '\nExample:\n  hotstuff log --dir ./cluster --replica 0 --from 1 --limit 10 --json')
    .action(async (options: LogOptions) => {
      const cluster = await loadCluster(options.dir);
      const replica = knownReplica(cluster, options.replica);
      // The head comes with the first block: what fails before it says so in one line alone.
      let head = options.json ? null : HEAD;
      for await (const block of committedBlocks(cluster, replica, options)) {
        if (lifecycle.stopping.aborted) return;
        if (head !== null) lifecycle.print(head);
        head = null;
        lifecycle.print(options.json ? JSON.stringify(block) : describe(block));
      }
      if (head !== null) lifecycle.print(head);
    });
  refuseRepeats(command);
}

/** The index of `--replica`, which must be one of the cluster's. */
export function knownReplica(cluster: ClusterConfig, replica: number): ReplicaId {
  if (replica < cluster.replicas.length) return asReplicaId(replica);
  throw new UsageError(`--replica is ${replica}; it must be from 0 to ${cluster.replicas.length - 1} in this cluster`);
}

async function* committedBlocks(
  cluster: ClusterConfig,
  replica: ReplicaId,
  { dir, from, limit = Number.POSITIVE_INFINITY }: LogOptions,
): AsyncGenerator<BlockSummary> {
  await using client = createClient({ cluster });
  const first = await firstPage(client, replica, Math.max(1, from), limit);
  if (first === null) {
    yield* stoppedBlocks(cluster, replica, { dir, from, limit });
    return;
  }
  let left = limit;
  for (let page = first; page.length > 0; ) {
    yield* page;
    left -= page.length;
    const next = (page.at(-1)?.height ?? 0) + 1;
    if (left <= 0) return;
    page = await runningPage(client, replica, next, left);
  }
}

/** Null when the replica does not answer: its store is read instead. */
async function firstPage(
  client: Client,
  replica: ReplicaId,
  from: number,
  limit: number,
): Promise<readonly BlockSummary[] | null> {
  try {
    return await runningPage(client, replica, from, limit);
  } catch (error) {
    if ((error as { code?: string }).code === 'REPLICA_UNREACHABLE') return null;
    throw error;
  }
}

async function runningPage(
  client: Client,
  replica: ReplicaId,
  fromHeight: number,
  limit: number,
): Promise<readonly BlockSummary[]> {
  const maxBlocks = Math.min(limit, limits.logBlocks);
  const { blocks } = await client.log({ replica, fromHeight, maxBlocks });
  return blocks.slice(0, maxBlocks);
}

async function* stoppedBlocks(
  cluster: ClusterConfig,
  replica: ReplicaId,
  { dir, from, limit }: { readonly dir: string; readonly from: number; readonly limit: number },
): AsyncGenerator<BlockSummary> {
  await using log = await openCommittedLog(replicaDirectory(dir, replica), cluster.clusterId);
  let left = limit;
  for await (const block of log.blocks(asHeight(from))) {
    if (left <= 0) return;
    left -= 1;
    yield summaryOf(block);
  }
}

const HEAD = 'height  view      proposer  commands  body bytes  hash';

function describe({ height, view, proposer, commands, bodyBytes, hash }: BlockSummary): string {
  const cells = [`${height}`.padStart(6), `${view}`.padStart(8), `${proposer}`.padStart(8), `${commands}`.padStart(8)];
  return [...cells, `${bodyBytes}`.padStart(10), hash].join('  ');
}
