/** The directory in which `hotstuff cluster` runs. */
import { readdir, rm } from 'node:fs/promises';
import { CLUSTER_FILE, loadCluster } from '../src/adapters/cluster-files.js';
import { freeBasePort } from '../src/adapters/free-ports.js';
import { initCluster } from '../src/adapters/init-cluster.js';
import { makeTemporaryDirectory } from '../src/adapters/temporary-directory.js';
import type { ClusterConfig } from '../src/config/cluster.js';
import { clusterDefaults } from '../src/config/create-cluster.js';
import { checkAll, checkRange, isApart } from './http-ports.js';
import { UsageError } from './outcome.js';

/** Where a cluster of `cluster` lives. */
export interface ClusterHome extends AsyncDisposable {
  readonly dir: string;
  readonly cluster: ClusterConfig;
}

/** Which cluster is to be made, where there is none. */
export interface HomeOptions {
  /** Undefined for a temporary directory, which is removed at the end. */
  readonly dir: string | undefined;
  readonly replicas: number | undefined;
  readonly leaderSchedule: ClusterConfig['leaderSchedule'] | undefined;
  /** The first port of `--http`, which must be left free. */
  readonly http: number | undefined;
}

/** Resumes an initialised directory, or makes a new one. @throws UsageError for options that do not fit it. */
export async function openHome(options: HomeOptions): Promise<ClusterHome> {
  const { dir, replicas, leaderSchedule, http } = options;
  const keep = { [Symbol.asyncDispose]: async () => undefined };
  if (dir === undefined) {
    const temporary = await makeTemporaryDirectory('cluster');
    const remove = { [Symbol.asyncDispose]: () => rm(temporary, { recursive: true, force: true }) };
    return { dir: temporary, cluster: await newCluster(temporary, options), ...remove };
  }
  if (!(await isInitialised(dir))) return { dir, cluster: await newCluster(dir, options), ...keep };
  const cluster = await loadCluster(dir);
  const count = cluster.replicas.length;
  if (replicas !== undefined && replicas !== count) {
    throw new UsageError(`--replicas is ${replicas}, but ${dir} holds a cluster of ${count}; leave --replicas out`);
  }
  if (leaderSchedule !== undefined && leaderSchedule !== cluster.leaderSchedule) {
    const held = `${dir} holds a cluster with ${cluster.leaderSchedule}`;
    throw new UsageError(`--leader-schedule is ${leaderSchedule}, but ${held}; leave --leader-schedule out`);
  }
  if (http !== undefined) checkAll(http, cluster);
  return { dir, cluster, ...keep };
}

async function newCluster(dir: string, options: HomeOptions): Promise<ClusterConfig> {
  const { http, replicas = clusterDefaults.replicas, leaderSchedule = clusterDefaults.leaderSchedule } = options;
  if (http !== undefined) checkRange(http, replicas);
  let basePort: number;
  do {
    basePort = await freeBasePort(2 * replicas, clusterDefaults.host);
  } while (http !== undefined && !isApart(basePort, 2 * replicas, http, replicas));
  return await initCluster(dir, { ...clusterDefaults, replicas, basePort, leaderSchedule });
}

/** What is missing or cannot be listed is no cluster yet: making one says what is wrong with it. */
async function isInitialised(dir: string): Promise<boolean> {
  try {
    return (await readdir(dir)).includes(CLUSTER_FILE);
  } catch {
    return false;
  }
}
