import { clusterDefaults, createCluster, type NewCluster } from '../../src/config/create-cluster.js';
import { bytesToHex } from '../../src/crypto/hash.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import type { SimulationCase } from '../../src/simulation/case.js';
import { hashPublicKey } from '../../src/simulation/hash-signer.js';
import { stream } from '../../src/simulation/random.js';

/** The cluster of a case. Its keys follow from the seed; where signatures are hashes, so do the public keys. */
export function createSimulatedCluster(
  parameters: Pick<
    SimulationCase,
    'seed' | 'replicas' | 'rule' | 'tenure' | 'leaderSchedule' | 'baseTimeoutMs' | 'signatures'
  >,
): NewCluster {
  const { seed, replicas, rule, tenure, leaderSchedule, baseTimeoutMs, signatures } = parameters;
  const keys = stream(seed, 'keys');
  const made = createCluster({
    ...clusterDefaults,
    replicas,
    rule,
    tenure,
    leaderSchedule,
    baseTimeoutMs,
    random: (bytes) => keys.bytes(bytes),
  });
  if (signatures === 'ed25519') return made;
  const hashed = made.cluster.replicas.map((replica) => ({
    ...replica,
    signingKey: bytesToHex(hashPublicKey(asReplicaId(replica.id))),
  }));
  return { ...made, cluster: { ...made.cluster, replicas: hashed } };
}
