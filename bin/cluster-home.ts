/** The directory in which `hotstuff cluster` runs. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLUSTER_FILE, loadCluster } from '../src/adapters/cluster-files.js';
import { freeBasePort } from '../src/adapters/free-ports.js';
import { initCluster } from '../src/adapters/init-cluster.js';
import type { ClusterConfig } from '../src/config/cluster.js';
import { clusterDefaults } from '../src/config/create-cluster.js';
import { UsageError } from './outcome.js';

export interface ClusterHome extends AsyncDisposable {
  readonly dir: string;
  readonly cluster: ClusterConfig;
}

/** Resumes an initialised directory, makes a new one, or a temporary one that is removed at the end. */
export async function openHome(dir: string | undefined, replicas: number | undefined): Promise<ClusterHome> {
  const keep = { [Symbol.asyncDispose]: async () => undefined };
  if (dir === undefined) {
    const temporary = await mkdtemp(join(tmpdir(), 'hotstuff-'));
    const remove = { [Symbol.asyncDispose]: () => rm(temporary, { recursive: true, force: true }) };
    return { dir: temporary, cluster: await newCluster(temporary, replicas), ...remove };
  }
  if (!(await isInitialised(dir))) return { dir, cluster: await newCluster(dir, replicas), ...keep };
  const cluster = await loadCluster(dir);
  const count = cluster.replicas.length;
  if (replicas !== undefined && replicas !== count) {
    throw new UsageError(`--replicas is ${replicas}, but ${dir} holds a cluster of ${count}; leave --replicas out`);
  }
  return { dir, cluster, ...keep };
}

async function newCluster(dir: string, count: number | undefined): Promise<ClusterConfig> {
  const replicas = count ?? clusterDefaults.replicas;
  const basePort = await freeBasePort(2 * replicas, clusterDefaults.host);
  return await initCluster(dir, { ...clusterDefaults, replicas, basePort });
}

/** What is missing or cannot be listed is no cluster yet: making one says what is wrong with it. */
async function isInitialised(dir: string): Promise<boolean> {
  try {
    return (await readdir(dir)).includes(CLUSTER_FILE);
  } catch {
    return false;
  }
}
