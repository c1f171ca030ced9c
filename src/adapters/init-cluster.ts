/**
 * A new cluster on the disk, ready to start: configuration, keys, and an empty store for each replica. Whole or not at all: all
 * is written beside its place, synced, and moved there at once.
 */
import { lstat, mkdir, open, readdir, readlink, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ClusterConfig } from '../config/cluster.js';
import { formatCluster } from '../config/cluster-file.js';
import { type ClusterOptions, createCluster, type NewCluster, type ReplicaSecrets } from '../config/create-cluster.js';
import { bytesToHex } from '../crypto/hash.js';
import { formatSecretKey } from '../crypto/key-pem.js';
import { createTransportCertificate } from '../crypto/transport-certificate.js';
import { OperationalError } from '../errors.js';
import { CLUSTER_FILE, replicaDirectory } from './cluster-files.js';
import { createStore } from './create-store.js';
import { SIGNING_KEY_FILE, TRANSPORT_CERTIFICATE_FILE, TRANSPORT_KEY_FILE } from './key-files.js';
import { systemRandom } from './random.js';
import { syncDirectory } from './sync-directory.js';
import { systemReason } from './system-reason.js';

/**
 * Writes a new cluster to `dir`, which must be missing or empty, and returns its configuration.
 * Key files have mode 0600, the replicas' directories 0700.
 * @throws ConfigurationError for an option out of range (nothing is touched then); OperationalError
 * `DIRECTORY_NOT_EMPTY`, `DIRECTORY_NOT_USABLE`, or `INIT_FAILED` with the system's code.
 */
export async function initCluster(
  dir: string,
  options: Omit<ClusterOptions, 'random'>,
  random: ClusterOptions['random'] = systemRandom.bytes,
): Promise<ClusterConfig> {
  const created = createCluster({ ...options, random });
  const target = await followLinks(resolve(dir));
  await checkVacant(target);
  const draft = `${target}.init-${bytesToHex(random(6))}`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeCluster(draft, created);
    await rename(draft, target);
    await syncDirectory(dirname(target));
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw initFailed(target, error as NodeJS.ErrnoException);
  }
  return created.cluster;
}

/** Where a symbolic link leads, since what is moved into place would replace the link itself. */
async function followLinks(path: string): Promise<string> {
  const link = await lstat(path).catch(() => null);
  if (!link?.isSymbolicLink()) return path;
  try {
    return await realpath(path);
  } catch (error) {
    const cause = error as NodeJS.ErrnoException;
    const found =
      cause.code === 'ELOOP' ? 'leads back to itself' : `leads to ${await readlink(path)}: ${systemReason(cause)}`;
    const text = `${path} is a symbolic link that ${found}. Name a directory, or a link to one that exists.`;
    throw new OperationalError('DIRECTORY_NOT_USABLE', text, { path }, error);
  }
}

async function checkVacant(target: string): Promise<void> {
  try {
    if ((await readdir(target)).length === 0) return;
  } catch (error) {
    const cause = error as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT') return;
    const text = `${target} cannot be used as a directory: ${systemReason(cause)}. Name another.`;
    throw new OperationalError('DIRECTORY_NOT_USABLE', text, { path: target }, error);
  }
  const text = `${target} is not empty. Name a new directory, or remove what stands there.`;
  throw new OperationalError('DIRECTORY_NOT_EMPTY', text, { path: target });
}

async function writeCluster(draft: string, { cluster, secrets }: NewCluster): Promise<void> {
  await mkdir(draft);
  const { clusterId } = cluster;
  for (const replica of secrets) {
    const directory = replicaDirectory(draft, replica.id);
    await writeReplica(directory, replica);
    await createStore(directory, { clusterId, replica: replica.id });
  }
  await writeSynced(join(draft, CLUSTER_FILE), formatCluster(cluster), 0o644);
  await syncDirectory(draft);
}

async function writeReplica(dir: string, { signingSecret, transportSecret }: ReplicaSecrets): Promise<void> {
  await mkdir(dir, { mode: 0o700 });
  await writeSynced(join(dir, SIGNING_KEY_FILE), formatSecretKey(signingSecret), 0o600);
  await writeSynced(join(dir, TRANSPORT_KEY_FILE), formatSecretKey(transportSecret), 0o600);
  await writeSynced(join(dir, TRANSPORT_CERTIFICATE_FILE), createTransportCertificate(transportSecret), 0o644);
}

async function writeSynced(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function initFailed(target: string, error: NodeJS.ErrnoException): Error {
  if (error.code === undefined) return error;
  const advice = error.code === 'EBUSY' ? ' Name a directory inside it.' : '';
  // LevelDB says only in the cause what the system said.
  const { cause } = error;
  const reason = systemReason(cause instanceof Error ? cause : error);
  const text = `${target} could not be written: ${reason}.${advice}`;
  return new OperationalError('INIT_FAILED', text, { path: target, systemCode: error.code }, error);
}
