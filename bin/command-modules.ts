import type { Command } from 'commander';
import type { Lifecycle } from './lifecycle.js';

/** Makes a command known to the program. */
type Register = (program: Command, lifecycle: Lifecycle) => void;

/** In the order in which help lists them. */
const MODULES: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ['init', async () => (await import('./commands/init.js')).registerInit],
  ['start', async () => (await import('./commands/start.js')).registerStart],
  ['cluster', async () => (await import('./commands/cluster.js')).registerCluster],
  ['submit', async () => (await import('./commands/submit.js')).registerSubmit],
  ['status', async () => (await import('./commands/status.js')).registerStatus],
  ['log', async () => (await import('./commands/log.js')).registerLog],
  ['evidence', async () => (await import('./commands/evidence.js')).registerEvidence],
  ['charts', async () => (await import('./commands/charts.js')).registerCharts],
  ['simulate', async () => (await import('./commands/simulate.js')).registerSimulate],
  ['bench', async () => (await import('./commands/bench.js')).registerBench],
]);

/**
 * The command of that name alone, or all of them for whatever is none: help, a version, a mistake. Each loads only what it
 * needs, since most of the time of a short command is that of loading modules.
 */
export function commandModules(name: string | undefined): Promise<Register[]> {
  const only = name === undefined ? undefined : MODULES.get(name);
  return Promise.all((only === undefined ? [...MODULES.values()] : [only]).map((load) => load()));
}
