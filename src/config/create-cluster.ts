/** New clusters: a configuration and the secret keys that belong to it. */
import { generateKeyPair } from '../crypto/ed25519.js';
import { bytesToHex } from '../crypto/hash.js';
import { ConfigurationError } from '../errors.js';
import { asReplicaId, type ReplicaId } from '../protocol/numbers.js';
import type { ClusterConfig } from './cluster.js';
import { checkCluster, clusterRanges } from './cluster-file.js';
import { deriveClusterId } from './cluster-id.js';

/** What a new cluster is made of. Peer ports are basePort .. basePort+n−1, client ports the n after them. */
export interface ClusterOptions {
  /** n, from 1. Below 4 the cluster tolerates no fault. */
  readonly replicas: number;
  readonly host: string;
  readonly basePort: number;
  readonly rule: ClusterConfig['rule'];
  readonly tenure: number;
  readonly leaderSchedule: ClusterConfig['leaderSchedule'];
  readonly baseTimeoutMs: number;
  readonly transport: ClusterConfig['transport'];
  /** Returns so many random bytes, from a source fit for keys. */
  readonly random: (bytes: number) => Uint8Array;
}

/** What the command line fills in where nothing is said. */
export const clusterDefaults = {
  replicas: 4,
  host: '127.0.0.1',
  basePort: 7100,
  rule: 'three-chain',
  tenure: 1000,
  leaderSchedule: 'round-robin',
  baseTimeoutMs: 1000,
  transport: 'tls',
} as const satisfies Omit<ClusterOptions, 'random'>;

/** The two secret keys of one replica, 32 bytes each. Never logged, never put into an error. */
export interface ReplicaSecrets {
  readonly id: ReplicaId;
  readonly signingSecret: Uint8Array;
  readonly transportSecret: Uint8Array;
}

/** A configuration that everybody may read, and the secrets that each replica keeps to itself. */
export interface NewCluster {
  readonly cluster: ClusterConfig;
  /** In order of id. */
  readonly secrets: readonly ReplicaSecrets[];
}

/**
 * Returns a new cluster with fresh keys and salt.
 * @throws ConfigurationError for an option out of its range.
 */
export function createCluster(options: ClusterOptions): NewCluster {
  checkPorts(options);
  const { replicas: n, host, basePort, rule, tenure, leaderSchedule, baseTimeoutMs, transport, random } = options;
  const members = Array.from({ length: n }, (_, index) => ({
    id: asReplicaId(index),
    signing: generateKeyPair(random(32)),
    dialing: generateKeyPair(random(32)),
  }));
  const replicas = members.map(({ id, signing, dialing }) => ({
    id,
    host,
    peerPort: basePort + id,
    clientPort: basePort + n + id,
    signingKey: bytesToHex(signing.publicKey),
    transportKey: bytesToHex(dialing.publicKey),
  }));
  const salt = bytesToHex(random(16));
  const settings = { salt, epoch: 0, rule, tenure, leaderSchedule, baseTimeoutMs, transport } as const;
  const identity = { ...settings, scheme: 'ed25519-libsodium', replicas } as const;
  const cluster = { version: 1, clusterId: deriveClusterId(identity), ...identity } as const;
  const secrets = members.map(({ id, signing, dialing }) => ({
    id,
    signingSecret: signing.secretKey,
    transportSecret: dialing.secretKey,
  }));
  return { cluster: checkCluster(cluster, 'the new cluster'), secrets };
}

/** The count and the first port decide all ports: they are named here, before a field `replicas[3].clientPort` is. */
function checkPorts({ replicas, basePort }: ClusterOptions): void {
  const { min, max } = clusterRanges.port;
  const replicasMax = Math.floor((max - min + 1) / 2);
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > replicasMax) {
    throw outOfRange('replicas', replicas, `a whole number from 1 to ${replicasMax}`);
  }
  const basePortMax = max + 1 - 2 * replicas;
  if (!Number.isInteger(basePort) || basePort < min || basePort > basePortMax) {
    const why = `${replicas} replicas take ${2 * replicas} ports from it on`;
    throw outOfRange('basePort', basePort, `a whole number from ${min} to ${basePortMax} (${why})`);
  }
}

function outOfRange(option: string, value: number, allowed: string): ConfigurationError {
  return new ConfigurationError(
    'CLUSTER_OUT_OF_RANGE',
    `the new cluster: ${option} is ${value}; it must be ${allowed}. Correct the value.`,
    { source: 'the new cluster', field: option, value: String(value), allowed },
  );
}
