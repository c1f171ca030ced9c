/** Metrics as the rest of the code sees them: plain data, in Prometheus' terms. prom-client stands behind it in adapters. */

/** What one metric is, whatever its values are. */
export interface MetricDefinition {
  /** Snake case, its unit in it; a counter ends in `_total`. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  /** A counter only grows while the process lives. */
  readonly type: 'counter' | 'gauge';
  /** Every sample has all of them. */
  readonly labels: readonly string[];
}

/** One value; finite, and of a counter not below zero. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with the values of one moment; none for what has not happened, where the label says what. */
export interface MetricFamily extends MetricDefinition {
  readonly samples: readonly MetricSample[];
}
