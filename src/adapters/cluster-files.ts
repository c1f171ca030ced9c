/**
 * The directory of a cluster: `D/cluster.json`, the same for all, and `D/replica-<i>/` with the keys of replica i. It is made
 * by `init-cluster.ts`.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterConfig } from '../config/cluster.js';
import { parseCluster } from '../config/cluster-file.js';
import type { ReplicaId } from '../protocol/numbers.js';
import { readSmallFile } from './small-files.js';

/** The name of the configuration in a cluster's directory. */
export const CLUSTER_FILE = 'cluster.json';

const CLUSTER_FILE_KIND = {
  code: 'CLUSTER_FILE',
  what: 'a cluster configuration',
  secret: false,
  missing: 'Name the directory that `hotstuff init` wrote.',
} as const;

/** Returns the directory of one replica inside that of its cluster. */
export function replicaDirectory(dir: string, id: ReplicaId): string {
  return join(dir, `replica-${id}`);
}

/**
 * Returns the configuration in `dirOrFile`, a cluster's directory or its `cluster.json`.
 * @throws OperationalError when the file cannot be read; ConfigurationError when it breaks a rule.
 */
export async function loadCluster(dirOrFile: string): Promise<ClusterConfig> {
  const path = (await isDirectory(dirOrFile)) ? join(dirOrFile, CLUSTER_FILE) : dirOrFile;
  const text = await readSmallFile(path, CLUSTER_FILE_KIND);
  return parseCluster(text, path);
}

/** False for what is missing, too: reading it says so. */
async function isDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(ignoreCodes('ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'));
  return stats?.isDirectory() ?? false;
}

function ignoreCodes(...codes: readonly string[]): (error: NodeJS.ErrnoException) => null {
  return (error) => {
    if (codes.includes(error.code ?? '')) return null;
    throw error;
  };
}
