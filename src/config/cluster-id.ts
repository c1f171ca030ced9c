/** The name of a cluster, which follows from what its replicas must agree on. */
import { sha256Hex } from '../crypto/hash.js';
import type { ClusterConfig } from './cluster.js';

/** What the cluster id is derived from. Addresses, transport and base timeout may change: they are no part of it. */
export type ClusterIdentity = Pick<
  ClusterConfig,
  'salt' | 'epoch' | 'rule' | 'tenure' | 'leaderSchedule' | 'scheme'
> & {
  readonly replicas: readonly { readonly signingKey: string; readonly transportKey: string }[];
};

/**
 * Returns the cluster id, 64 lower-case hex digits: the SHA-256 of the JSON text (without blanks) of the list
 * `["hotstuff/cluster/1", salt, epoch, rule, tenure, scheme, n, [[signing key, transport key], …]]`, with the name of the
 * leader schedule behind it where that is not `round-robin`.
 */
export function deriveClusterId(identity: ClusterIdentity): string {
  const { salt, epoch, rule, tenure, leaderSchedule, scheme, replicas } = identity;
  const keys = replicas.map(({ signingKey, transportKey }) => [signingKey, transportKey]);
  const schedule = leaderSchedule === 'round-robin' ? [] : [leaderSchedule];
  const text = JSON.stringify([
    'hotstuff/cluster/1',
    salt,
    epoch,
    rule,
    tenure,
    scheme,
    keys.length,
    keys,
    ...schedule,
  ]);
  return sha256Hex(new TextEncoder().encode(text));
}
