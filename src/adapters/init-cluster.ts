/** A new cluster on the disk, ready to start: configuration, keys, and an empty store for each replica. */
import type { ClusterConfig } from '../config/cluster.js';
import type { ClusterOptions } from '../config/create-cluster.js';
import { replicaDirectory } from './cluster-files.js';
import { createStore } from './create-store.js';
import { initDirectory } from './init-directory.js';

/**
 * Makes the directory of a cluster with everything that its replicas need to start, and returns its configuration.
 * @throws what {@link initDirectory} and {@link createStore} throw.
 */
export async function initCluster(dir: string, options: Omit<ClusterOptions, 'random'>): Promise<ClusterConfig> {
  const cluster = await initDirectory(dir, options);
  const { clusterId } = cluster;
  for (const { id } of cluster.replicas) {
    await createStore(replicaDirectory(dir, id), { clusterId, replica: id });
  }
  return cluster;
}
