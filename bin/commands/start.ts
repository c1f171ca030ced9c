import type { Command } from 'commander';
import { commands, createReplica, type MetricsServer, type Replica, serveMetrics } from '../../actors/index.js';
import type { Placement } from '../../actors/placement.js';
import { loadCluster, replicaDirectory } from '../../src/adapters/cluster-files.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { NUMBER_MAX, type ReplicaId } from '../../src/protocol/numbers.js';
import { checkApart, httpPort } from '../http-ports.js';
import { aborted, type Lifecycle } from '../lifecycle.js';
import { UsageError } from '../outcome.js';
import { tellStarter, whileWorking } from '../start-news.js';
import { PLACEMENT_HELP, placement, refuseRepeats, text, wholeNumber } from '../usage.js';
import { knownReplica } from './log.js';

interface StartOptions {
  readonly dir: string;
  readonly replica: number;
  readonly http?: number;
  readonly httpHost?: string;
  readonly placement: Placement;
  readonly json?: true;
}

/** The key-value machine, on whatever thread it is placed. */
const MACHINE = new URL('../../examples/key-value/machine-module.js', import.meta.url);

/** `hotstuff start`: one replica of the key-value machine in the foreground. */
export function registerStart(program: Command, lifecycle: Lifecycle): void {
  const command = program
    .command('start')
    .description('run one replica in the foreground')
    .requiredOption('--dir <D>', 'directory of the cluster', text('--dir'))
    .requiredOption('--replica <I>', 'index of the replica', wholeNumber('--replica', { min: 0, max: NUMBER_MAX }))
    .option('--http <P>', 'metrics and health over HTTP on port P: /metrics, /healthz, /readyz', httpPort)
    .option('--http-host <H>', 'the address for that, for this machine only unless given', text('--http-host'))
    .option('--placement <P>', PLACEMENT_HELP, placement, 'inline')
    .option('--json', 'print the line that says it is ready as JSON')
    .addHelpText('after', '\nExample:\n  hotstuff start --dir ./cluster --replica 0 --http 9100')
    .action((options: StartOptions) => runReplica(options, lifecycle));
  refuseRepeats(command);
}

async function runReplica(options: StartOptions, lifecycle: Lifecycle): Promise<void> {
  const { stopping } = lifecycle;
  const { dir, replica: index } = options;
  if (options.httpHost !== undefined && options.http === undefined)
    throw new UsageError('--http-host needs --http: without a port nothing is served');
  const cluster = await loadCluster(dir);
  const id = knownReplica(cluster, index);
  const http = await openHttp(options, cluster, id);
  try {
    const machine = commands({ module: MACHINE });
    const { placement } = options;
    const dataDir = replicaDirectory(dir, id);
    const replica = await whileWorking(
      unlessStopped(createReplica({ cluster, id, dataDir, machine, placement, signal: stopping }), stopping),
    );
    if (replica === null) return;
    http?.show(replica);
    await untilStopped(replica, { http, json: options.json === true }, lifecycle);
  } finally {
    await http?.close();
  }
}

/** Opened before the replica, so that it answers while that reads its store. Null where it is not asked for. */
async function openHttp(
  { http, httpHost }: StartOptions,
  cluster: ClusterConfig,
  id: ReplicaId,
): Promise<MetricsServer | null> {
  if (http === undefined) return null;
  checkApart(http, 1, cluster.replicas.slice(id, id + 1));
  return await serveMetrics({ port: http, ...(httpHost === undefined ? {} : { host: httpHost }) });
}

async function untilStopped(
  replica: Replica,
  { http, json }: { readonly http: MetricsServer | null; readonly json: boolean },
  { stopping, print }: Lifecycle,
): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    replica.on('failed', reject);
  });
  const { id } = replica;
  const { peerPort, clientPort } = replica.ports;
  if (json) print(JSON.stringify({ ready: true, id, peerPort, clientPort, ...(http && { httpPort: http.port }) }));
  else {
    const shown = http === null ? '' : `, metrics on port ${http.port}`;
    print(`replica ${id} is ready: peers on port ${peerPort}, clients on port ${clientPort}${shown}`);
  }
  tellStarter('ready');
  await Promise.race([failed, aborted(stopping)]);
  await replica.stop();
}

/** Null where the start ended because of `stopping`. */
async function unlessStopped(start: Promise<Replica>, stopping: AbortSignal): Promise<Replica | null> {
  try {
    return await start;
  } catch (error) {
    if (stopping.aborted && error === stopping.reason) return null;
    throw error;
  }
}
