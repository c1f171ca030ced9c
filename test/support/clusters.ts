/** Small clusters whose keys follow from a number, so that a failing test can be run again. */
import {
  type ClusterOptions,
  clusterDefaults,
  createCluster,
  type NewCluster,
} from '../../src/config/create-cluster.js';
import { sha256 } from '../../src/crypto/hash.js';

/** Returns a source of bytes that looks random and is the same at each run. */
export function testRandom(seed = 1): (bytes: number) => Uint8Array {
  let drawn = 0;
  return (bytes) => {
    drawn += 1;
    return sha256(new TextEncoder().encode(`${seed}/${drawn}`)).slice(0, bytes);
  };
}

/** Returns a new cluster of four replicas on loopback, but for what `changes` say. */
export function testCluster(changes: Partial<ClusterOptions> = {}): NewCluster {
  return createCluster({ ...clusterDefaults, random: testRandom(), ...changes });
}
