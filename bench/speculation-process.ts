/** A replica process of a benchmark with a speculative machine, which takes down what it sees. */
import { once } from 'node:events';
import { createReplica, speculative } from '../actors/index.js';
import { loadCluster, replicaDirectory } from '../src/adapters/cluster-files.js';
import { systemClock } from '../src/adapters/system-clock.js';
import type { ClusterConfig } from '../src/config/cluster.js';
import { asReplicaId } from '../src/protocol/numbers.js';
import { workAsChild } from './child.js';
import { costIn } from './measured-machine.js';
import type { SpeculationMachineOptions } from './speculation-machine.js';
import { type SpeculationRecord, SpeculationRecorder } from './speculation-record.js';
import type { SpeculationSettings } from './speculation-settings.js';

/** Which replica of a benchmark of speculation a process is to run. */
export interface SpeculationJob {
  readonly dir: string;
  readonly id: number;
  /** The port of the proxy before each replica, by id; empty where there are none. */
  readonly proxyPorts: readonly number[];
  readonly settings: SpeculationSettings;
}

const recorder = new SpeculationRecorder();

workAsChild<SpeculationJob, SpeculationRecord>(
  async ({ dir, id: index, proxyPorts, settings }, tell, stopping) => {
    const id = asReplicaId(index);
    const { machine, proposeMs, rounds, placement, buffer, durability } = settings;
    const options: SpeculationMachineOptions = { machine, proposeMs, rounds, id };
    const replica = await createReplica({
      cluster: behindProxies(await loadCluster(dir), index, proxyPorts),
      id,
      dataDir: replicaDirectory(dir, id),
      machine: speculative({ module: new URL('./speculation-machine.js', import.meta.url), options }),
      ...(placement === null ? {} : { placement }),
      proposalBufferTarget: buffer,
      durability,
      inspect: recorder.inspect,
    });
    replica.on('committed', ({ block }) => {
      const cost = costIn(block.body);
      if (cost !== null) recorder.committed({ at: systemClock(), ...cost });
    });
    const failed = new Promise<never>((_, reject) => {
      replica.on('failed', reject);
    });
    tell({ type: 'ready' });
    if (!stopping.aborted) await Promise.race([failed, once(stopping, 'abort')]);
    await replica.stop();
  },
  { report: () => recorder.record },
);

/** The cluster as one replica sees it that reaches all others through their proxies. Addresses are no part of its id. */
function behindProxies(cluster: ClusterConfig, self: number, ports: readonly number[]): ClusterConfig {
  const replicas = cluster.replicas.map((replica) => {
    const port = ports[replica.id];
    return replica.id === self || port === undefined ? replica : { ...replica, peerPort: port };
  });
  return { ...cluster, replicas };
}
