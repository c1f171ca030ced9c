/** Prometheus' text format, by prom-client. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { MetricFamily } from '../metric-family.js';

/** What a scraper is told that the text is. */
export const PROMETHEUS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * Returns the families as text. The registry lives for this one text: whoever counts keeps the numbers, nothing is kept
 * twice, and what is gone (a peer, say) leaves no value behind.
 */
export async function prometheusText(families: readonly MetricFamily[]): Promise<string> {
  const registry = new Registry();
  for (const family of families) register(registry, family);
  return `${await registry.metrics()}`;
}

function register(registry: Registry, { name, help, type, labels, samples }: MetricFamily): void {
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  if (type === 'gauge') {
    const gauge = new Gauge(options);
    for (const sample of samples) gauge.set(sample.labels, sample.value);
  } else {
    const counter = new Counter(options);
    for (const sample of samples) counter.inc(sample.labels, sample.value);
  }
}
