import test from 'ava';
import { type ClusterOptions, clusterDefaults, createCluster } from '../../src/config/create-cluster.js';
import { generateKeyPair } from '../../src/crypto/ed25519.js';
import { bytesToHex } from '../../src/crypto/hash.js';
import { testCluster, testRandom } from '../support/clusters.js';

test('peer ports start at the base port and client ports follow them', (t) => {
  const { cluster } = testCluster({ replicas: 3, basePort: 9000, host: '::1' });
  t.deepEqual(
    cluster.replicas.map(({ id, host, peerPort, clientPort }) => [id as number, host, peerPort, clientPort]),
    [
      [0, '::1', 9000, 9003],
      [1, '::1', 9001, 9004],
      [2, '::1', 9002, 9005],
    ],
  );
});

test('clusters of 1, 2, 3, 4 and 100 replicas can be made', (t) => {
  for (const replicas of [1, 2, 3, 4, 100]) t.is(testCluster({ replicas }).cluster.replicas.length, replicas);
});

test('each secret belongs to its public key, and no two keys are the same', (t) => {
  const { cluster, secrets } = testCluster();
  const publicOf = (secret: Uint8Array) => bytesToHex(generateKeyPair(secret).publicKey);
  for (const { id, signingSecret, transportSecret } of secrets) {
    t.is(cluster.replicas[id]?.signingKey, publicOf(signingSecret));
    t.is(cluster.replicas[id]?.transportKey, publicOf(transportSecret));
  }
  const keys = cluster.replicas.flatMap(({ signingKey, transportKey }) => [signingKey, transportKey]);
  t.is(new Set(keys).size, 8);
});

test('two clusters with the same settings have different ids', (t) => {
  t.is(testCluster().cluster.clusterId, testCluster().cluster.clusterId);
  t.not(testCluster().cluster.clusterId, testCluster({ random: testRandom(2) }).cluster.clusterId);
});

test('an option out of range is refused by name', (t) => {
  const refused = (change: Partial<ClusterOptions>, field: string) => {
    const error = t.throws(() => createCluster({ ...clusterDefaults, random: testRandom(), ...change }), {
      name: 'ConfigurationError',
    });
    t.true(error?.message.includes(field), error?.message);
  };
  for (const replicas of [0, -1, 1.5, Number.NaN, 32_768, 1e9]) refused({ replicas }, `replicas is ${replicas}`);
  for (const basePort of [0, 65_536, -1, 1.5, Number.NaN]) refused({ basePort }, `basePort is ${basePort}`);
  refused({ basePort: 65_529 }, 'basePort is 65529; it must be a whole number from 1 to 65528');
  refused({ tenure: 0 }, 'tenure is 0');
  refused({ baseTimeoutMs: Number.NaN }, 'baseTimeoutMs is NaN');
  refused({ host: 'a b' }, 'host is "a b"');
  refused({ rule: 'none' as 'two-chain' }, 'rule is "none"');
  t.is(testCluster({ basePort: 65_528 }).cluster.replicas[3]?.clientPort, 65_535);
});
