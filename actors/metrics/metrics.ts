/** Every metric of a replica, in the order of docs/metrics.md. */
import type { MetricFamily } from '../../src/metric-family.js';
import { ACTOR_METRICS } from './actor-metrics.js';
import { CLIENT_METRICS, PEER_METRICS, PORT_METRICS } from './connection-metrics.js';
import { familiesOf, type Metric } from './metric.js';
import { POOL_METRICS } from './pool-metrics.js';
import { PROCESS_METRICS } from './process-metrics.js';
import { COMMAND_METRICS, CONSENSUS_METRICS, STATE_METRICS } from './replica-metrics.js';
import type { Snapshot } from './snapshot.js';

/** The definitions, row by row what docs/metrics.md lists; a test compares the two. */
export const METRICS: readonly Metric[] = [
  ...STATE_METRICS,
  ...CONSENSUS_METRICS,
  ...COMMAND_METRICS,
  ...ACTOR_METRICS,
  ...PEER_METRICS,
  ...PORT_METRICS,
  ...CLIENT_METRICS,
  ...POOL_METRICS,
  ...PROCESS_METRICS,
];

/** The metrics of a process and its replica, with their values at the moment of the snapshot. */
export function metricFamilies(snapshot: Snapshot): readonly MetricFamily[] {
  return familiesOf(METRICS, snapshot);
}
