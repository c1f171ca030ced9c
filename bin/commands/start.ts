import type { Command } from 'commander';
import { commands, createReplica, type Replica } from '../../actors/index.js';
import { KeyValueMachine } from '../../examples/key-value/index.js';
import { loadCluster, replicaDirectory } from '../../src/adapters/cluster-files.js';
import { NUMBER_MAX } from '../../src/protocol/numbers.js';
import { aborted, type Lifecycle } from '../lifecycle.js';
import { tellStarter, whileWorking } from '../start-news.js';
import { placement, refuseRepeats, text, wholeNumber } from '../usage.js';
import { knownReplica } from './log.js';

interface StartOptions {
  readonly dir: string;
  readonly replica: number;
  readonly json?: true;
}

/** `hotstuff start`: one replica of the key-value machine in the foreground. */
export function registerStart(program: Command, lifecycle: Lifecycle): void {
  const command = program
    .command('start')
    .description('run one replica in the foreground')
    .requiredOption('--dir <D>', 'directory of the cluster', text('--dir'))
    .requiredOption('--replica <I>', 'index of the replica', wholeNumber('--replica', { min: 0, max: NUMBER_MAX }))
    .option('--placement <P>', 'where its actors run: inline, all on one thread', placement, 'inline')
    .option('--json', 'print the line that says it is ready as JSON')
    .addHelpText('after', '\nExample:\n  hotstuff start --dir ./cluster --replica 0')
    .action((options: StartOptions) => runReplica(options, lifecycle));
  refuseRepeats(command);
}

async function runReplica({ dir, replica: index, json }: StartOptions, lifecycle: Lifecycle): Promise<void> {
  const { stopping, print } = lifecycle;
  const cluster = await loadCluster(dir);
  const id = knownReplica(cluster, index);
  const machine = commands(new KeyValueMachine());
  const dataDir = replicaDirectory(dir, id);
  const replica = await whileWorking(
    unlessStopped(createReplica({ cluster, id, dataDir, machine, signal: stopping }), stopping),
  );
  if (replica === null) return;
  const failed = new Promise<never>((_, reject) => {
    replica.on('failed', reject);
  });
  const { peerPort, clientPort } = replica.ports;
  if (json) print(JSON.stringify({ ready: true, id, peerPort, clientPort }));
  else print(`replica ${id} is ready: peers on port ${peerPort}, clients on port ${clientPort}`);
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
