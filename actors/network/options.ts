import type { AnyChart } from '../../machines/chart.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import type { Logger } from '../../src/logger.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { RandomSource } from '../../src/runtime/random-source.js';
import type { NetworkLimits } from './limits.js';

/** What a replica's network actor is made with. */
export interface NetworkOptions {
  readonly id: ReplicaId;
  readonly cluster: ClusterConfig;
  readonly limits: NetworkLimits;
  /** For the jitter of redialing. */
  readonly random: RandomSource;
  readonly log: Logger;
  /** Bytes of bodies in one message from which on the pool hashes them; without it all are hashed here. */
  readonly offloadBodyBytes?: number;
  /** Another compiled chart, for tests that leave out a transition. */
  readonly chart?: AnyChart;
}
