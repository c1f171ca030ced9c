/** A client process of a benchmark: loads the cluster, warms up, measures, and tells. */
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { createClient } from '../actors/create-client.js';
import { loadCluster } from '../src/adapters/cluster-files.js';
import { workAsChild } from './child.js';
import { commandSource } from './commands.js';
import { Load } from './load.js';
import type { BenchSettings } from './settings.js';

/** The part of the load that one client process is to bring. */
export interface LoadJob {
  readonly dir: string;
  /** Which of the client processes this is, from 0. */
  readonly index: number;
  readonly settings: BenchSettings;
}

/** What it came to; plain data, since it goes to another process. */
export interface LoadResult {
  readonly committed: number;
  readonly errors: number;
  readonly seconds: number;
  readonly longestGapMs: number;
  /** A compressed HdrHistogram in base64. */
  readonly latencyUs: string;
}

workAsChild<LoadJob, LoadResult>(async ({ dir, index, settings }, tell, stopping) => {
  const { clients, warmup, duration, seed } = settings;
  const share = (total: number): number => Math.ceil(total / clients);
  const outstanding = share(settings.outstanding);
  const cluster = await loadCluster(dir);
  await using client = createClient({ cluster, outstandingMax: outstanding });
  const nextCommand = commandSource({ ...settings, seed: seed + index });
  const load = new Load({ client, nextCommand, outstanding, rate: settings.rate / clients, stopping });
  load.start();
  await sleep(warmup * 1000);
  tell({ type: 'measuring' });
  load.measure();
  await sleep(duration * 1000);
  const { latencyUs, ...figures } = load.finish();
  tell({ type: 'result', result: { ...figures, latencyUs: encodeIntoCompressedBase64(latencyUs) } });
});
