/** A replica process of a benchmark. */
import { once } from 'node:events';
import { commands, createReplica, type Replica } from '../actors/index.js';
import { loadCluster, replicaDirectory } from '../src/adapters/cluster-files.js';
import { asReplicaId } from '../src/protocol/numbers.js';
import { workAsChild } from './child.js';
import type { BenchSettings } from './settings.js';

/** Which replica of a benchmark a process is to run. */
export interface ReplicaJob {
  readonly dir: string;
  readonly id: number;
  readonly settings: BenchSettings;
}

const MACHINE = new URL('./bench-machine.js', import.meta.url);
let running: Replica | null = null;

workAsChild<ReplicaJob, never>(
  async ({ dir, id: index, settings }, tell, stopping) => {
    const { durability, batch, batchBytes, batchMs, placement, poolSize } = settings;
    const cluster = await loadCluster(dir);
    const id = asReplicaId(index);
    const replica = await createReplica({
      cluster,
      id,
      dataDir: replicaDirectory(dir, id),
      machine: commands({ module: MACHINE, options: settings }),
      placement,
      durability,
      poolSize,
      batch: { commands: batch, bytes: batchBytes, ms: batchMs },
    });
    running = replica;
    const failed = new Promise<never>((_, reject) => {
      replica.on('failed', reject);
    });
    tell({ type: 'ready' });
    if (!stopping.aborted) await Promise.race([failed, once(stopping, 'abort')]);
    await replica.stop();
  },
  { place: () => ({ height: running?.committedHeight ?? 0, leader: running?.leader ?? 0 }) },
);
