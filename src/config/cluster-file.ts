/** The text of `cluster.json`: strict to read, so that a mistake is told at the start and not by a silent cluster. */
import { isAcceptableKey } from '../crypto/ed25519.js';
import { hexToBytes } from '../crypto/hash.js';
import { ConfigurationError } from '../errors.js';
import { leaderSchedules } from '../protocol/leader-schedule.js';
import { asReplicaId } from '../protocol/numbers.js';
import { CheckedFields, type TextRule } from './checked-fields.js';
import type { ClusterConfig, ReplicaInfo } from './cluster.js';
import { deriveClusterId } from './cluster-id.js';
import { parseJsonText } from './json-text.js';

/** The ranges of the settings of a cluster. */
export const clusterRanges = {
  tenure: { min: 1, max: 1_000_000 },
  baseTimeoutMs: { min: 10, max: 600_000 },
  port: { min: 1, max: 65_535 },
} as const;

/** The commit rules that a cluster may name, as `cluster.json` writes them. */
export const clusterRules = ['three-chain', 'two-chain'] as const;
const clusterTransports = ['tls', 'plain'] as const;

const CLUSTER_FIELDS = [
  'version',
  'clusterId',
  'salt',
  'epoch',
  'rule',
  'tenure',
  'leaderSchedule',
  'baseTimeoutMs',
  'transport',
  'scheme',
  'replicas',
] as const;
/** What may be left out: files from before there was a choice do not have it. */
const CLUSTER_DEFAULTS = { leaderSchedule: 'round-robin' } as const;
const REPLICA_FIELDS = ['id', 'host', 'peerPort', 'clientPort', 'signingKey', 'transportKey'] as const;

const HASH: TextRule = { pattern: /^[0-9a-f]{64}$/, says: '64 lower-case hex digits' };
const SALT: TextRule = { pattern: /^[0-9a-f]{32}$/, says: '32 lower-case hex digits' };
/** What a host of a replica may be. */
export const hostRule: TextRule = {
  pattern:
    /^(?=.{1,253}$)(?:[0-9a-z_](?:[0-9a-z_-]{0,62})(?:\.[0-9a-z_][0-9a-z_-]{0,62})*\.?|(?=.*:.*:)[0-9a-f:.]+(?:%\w+)?)$/i,
  says: 'a host name, an IPv4 address or an IPv6 address without brackets',
};

/**
 * Returns the configuration in the text of a `cluster.json`; `source` names the file in messages.
 * @throws ConfigurationError for every rule that the text breaks, with a stable code.
 */
export function parseCluster(text: string, source: string): ClusterConfig {
  return checkCluster(parseJsonText(text, source), source);
}

/** Returns the text of a `cluster.json`. */
export function formatCluster(cluster: ClusterConfig): string {
  return `${JSON.stringify(cluster, null, 2)}\n`;
}

/**
 * Returns `value` as a configuration after checking every rule; `source` says in messages where it comes from.
 * @throws ConfigurationError as {@link parseCluster}.
 */
export function checkCluster(value: unknown, source: string): ClusterConfig {
  checkVersion(value, source);
  const fields = new CheckedFields(value, { source, place: '', known: CLUSTER_FIELDS, defaults: CLUSTER_DEFAULTS });
  const { tenure, baseTimeoutMs } = clusterRanges;
  const cluster: ClusterConfig = {
    version: fields.oneOf('version', [1] as const),
    clusterId: fields.text('clusterId', HASH),
    salt: fields.text('salt', SALT),
    epoch: fields.oneOf('epoch', [0] as const),
    rule: fields.oneOf('rule', clusterRules),
    tenure: fields.integer('tenure', tenure.min, tenure.max),
    leaderSchedule: fields.oneOf('leaderSchedule', leaderSchedules),
    baseTimeoutMs: fields.integer('baseTimeoutMs', baseTimeoutMs.min, baseTimeoutMs.max),
    transport: fields.oneOf('transport', clusterTransports),
    scheme: fields.oneOf('scheme', ['ed25519-libsodium'] as const),
    replicas: fields.list('replicas').map((entry, index) => checkReplica(entry, index, source)),
  };
  checkDistinct(cluster, fields);
  const derived = deriveClusterId(cluster);
  if (cluster.clusterId !== derived) {
    throw fields.wrong(
      'CLUSTER_ID_MISMATCH',
      'clusterId',
      cluster.clusterId,
      `${derived}, which follows from the other fields`,
      'One of them was changed: take the file that `hotstuff init` wrote, the same for every replica.',
    );
  }
  return cluster;
}

/** A later version may have any other form: it is named before anything else is looked at. */
function checkVersion(value: unknown, source: string): void {
  if (typeof value !== 'object' || value === null || !('version' in value)) return;
  const { version } = value;
  if (typeof version === 'number' && Number.isInteger(version) && version > 1) {
    throw new ConfigurationError(
      'CLUSTER_VERSION_UNKNOWN',
      `${source}: version is ${version}; this program reads version 1. Use a program as new as the file.`,
      { source, field: 'version', value: version },
    );
  }
}

function checkReplica(value: unknown, index: number, source: string): ReplicaInfo {
  const place = `replicas[${index}]`;
  const fields = new CheckedFields(value, { source, place, known: REPLICA_FIELDS });
  const { port } = clusterRanges;
  const id = fields.integer('id', 0, Number.MAX_SAFE_INTEGER);
  if (id !== index) {
    throw fields.wrong('CLUSTER_REPLICA_ORDER', `${place}.id`, id, `${index}: replicas stand in order of id, from 0`);
  }
  return {
    id: asReplicaId(id),
    host: fields.text('host', hostRule),
    peerPort: fields.integer('peerPort', port.min, port.max),
    clientPort: fields.integer('clientPort', port.min, port.max),
    signingKey: checkKey(fields, 'signingKey'),
    transportKey: checkKey(fields, 'transportKey'),
  };
}

function checkKey(fields: CheckedFields, name: string): string {
  const key = fields.text(name, HASH);
  if (isAcceptableKey(hexToBytes(key))) return key;
  throw fields.wrong('CLUSTER_KEY_INVALID', fields.path(name), key, 'a canonical Ed25519 public key of large order');
}

/** No key and no address may stand twice: a signing key that is a transport key too is as bad as a shared one. */
function checkDistinct(cluster: ClusterConfig, fields: CheckedFields): void {
  const owners = new Map<string, string>();
  const claim = (code: string, field: string, value: string) => {
    const owner = owners.get(value);
    if (owner !== undefined) {
      throw fields.wrong(code, field, value, `different from ${owner}`, 'Give each its own.');
    }
    owners.set(value, field);
  };
  cluster.replicas.forEach((replica, index) => {
    claim('CLUSTER_KEY_SHARED', `replicas[${index}].signingKey`, replica.signingKey);
    claim('CLUSTER_KEY_SHARED', `replicas[${index}].transportKey`, replica.transportKey);
    const host = replica.host.toLowerCase();
    claim('CLUSTER_ADDRESS_SHARED', `replicas[${index}].peerPort`, `${host} port ${replica.peerPort}`);
    claim('CLUSTER_ADDRESS_SHARED', `replicas[${index}].clientPort`, `${host} port ${replica.clientPort}`);
  });
}
