import type { HttpRoutes } from '../src/adapters/http-server.js';
import { createLogger } from '../src/adapters/logger.js';
import { processLoad } from '../src/adapters/process-load.js';
import { checkOptions } from '../src/config/check-options.js';
import { logger, type OptionTable, required, text, whole } from '../src/config/option-kinds.js';
import type { Logger } from '../src/logger.js';
import { aliveness, type Health, readiness } from './metrics/health.js';
import { metricFamilies } from './metrics/metrics.js';
import type { ReplicaSnapshot, ReplicaState } from './metrics/snapshot.js';
import type { Replica } from './replica-handle.js';

/** What `serveMetrics` takes. */
export interface MetricsOptions {
  /** 0 .. 65535; 0 for any that is free. */
  readonly port: number;
  /** The address it listens on. Default `127.0.0.1`: nobody but this machine. There is no encryption, and no password. */
  readonly host?: string;
  /** Where the log goes; by default to standard error, warnings only. */
  readonly log?: Logger;
}

/** Metrics and health of one replica over HTTP. It does not keep its process alive or a replica from stopping. */
export interface MetricsServer {
  readonly port: number;
  /** Shows this replica from now on, in place of one shown before. Until the first, the process is `starting`. */
  show(replica: Replica): void;
  /** Ends it at once. */
  close(): Promise<void>;
}

const METRICS_TABLE: OptionTable<MetricsOptions> = {
  port: required(whole(0, 65_535)),
  host: text('the name or address of a host'),
  log: logger,
};

/**
 * Opens an HTTP server with `/metrics` (Prometheus' text format; docs/metrics.md lists the names), `/healthz` (200, or 503
 * once the replica has failed) and `/readyz` (200 while it is active, or 503 and why not). Opened before its replica is
 * made, it answers while that reads its store. Nothing is counted or measured for it between two requests.
 * @throws ConfigurationError for a port that is none, or an option that there is not; OperationalError where it cannot listen (`PORT_IN_USE`).
 */
export async function serveMetrics(options: MetricsOptions): Promise<MetricsServer> {
  checkOptions(METRICS_TABLE, options, { call: 'serveMetrics' });
  const { port, host = '127.0.0.1', log = createLogger() } = options;
  // Most programs that load this library serve no metrics: they need not wait for what it takes.
  const { inWords, openHttpServer } = await import('../src/adapters/http-server.js');
  const { PROMETHEUS_TYPE, prometheusText } = await import('../src/adapters/prometheus.js');
  let shown: Replica | null = null;
  const state = () => (shown === null ? null : stateOf(shown));
  const probe = (health: Health) => inWords(health.ok ? 200 : 503, health.text);
  const routes: HttpRoutes = {
    '/metrics': async () => ({
      status: 200,
      contentType: PROMETHEUS_TYPE,
      body: await prometheusText(metricFamilies({ load: processLoad(), replica: shown && (await snapshotOf(shown)) })),
    }),
    '/healthz': () => probe(aliveness(state())),
    '/readyz': () => probe(readiness(state())),
  };
  const server = await openHttpServer({ host, port, routes, log });
  return {
    port: server.port,
    show(next) {
      shown = next;
    },
    close: () => server.close(),
  };
}

async function snapshotOf(replica: Replica): Promise<ReplicaSnapshot> {
  const actors = await replica.allCounters();
  return { ...stateOf(replica), actors, pool: replica.poolCounters() };
}

function stateOf(replica: Replica): ReplicaState {
  const { id, phase, view, leader, committedHeight, failure } = replica;
  const reason = failure?.message.replaceAll(/\s*\n\s*/g, ' ') ?? null;
  return { id, phase, view, leader, committedHeight, failure: reason };
}
