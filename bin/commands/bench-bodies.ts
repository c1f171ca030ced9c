import type { Command } from 'commander';
import { type BodiesFigures, type BodiesSettings, measureBodies } from '../../bench/bodies.js';
import { NUMBER_BYTES } from '../../bench/body-machine.js';
import type { LatencyMs } from '../../bench/figures.js';
import { clusterRanges } from '../../src/config/cluster-file.js';
import { clusterDefaults } from '../../src/config/create-cluster.js';
import { limits } from '../../src/config/limits.js';
import type { Lifecycle } from '../lifecycle.js';
import { table } from '../table.js';
import { oneOf, PLACEMENT_HELP, placement, refuseRepeats, wholeNumber } from '../usage.js';

interface BodiesFlags extends Omit<BodiesSettings, 'baseTimeoutMs' | 'pauseMs'> {
  readonly baseTimeout: number;
  readonly pause: number;
  readonly json?: true;
}

const COUNT = { min: 1, max: 10_000 };
const PAUSE_MS = { min: 0, max: 10_000 };
/** Large bodies take their time, and a leader that is still sending one is not dead. */
const BASE_TIMEOUT_MS = 20_000;

/** `hotstuff bench bodies`: what votes wait for while large bodies stream. */
export function registerBenchBodies(bench: Command, lifecycle: Lifecycle): void {
  const bytes = { min: NUMBER_BYTES, max: limits.bodyBytes };
  const { baseTimeoutMs: timeouts, tenure } = clusterRanges;
  const command = bench
    .command('bodies')
    .description('a fresh cluster that commits large bodies, and what its votes wait for meanwhile')
    .option('--replicas <N>', 'replicas', wholeNumber('--replicas', { min: 1, max: 100 }), 4)
    .option('--bytes <N>', 'bytes of each body', wholeNumber('--bytes', bytes), 1024 * 1024)
    .option('--bodies <N>', 'bodies that are committed', wholeNumber('--bodies', COUNT), 20)
    .option(
      '--pause <MS>',
      'rest before each body is built, so that the cores are not always full',
      wholeNumber('--pause', PAUSE_MS),
      0,
    )
    .option('--durability <NAME>', 'durable or volatile', oneOf('--durability', ['durable', 'volatile']), 'durable')
    .option('--transport <NAME>', 'tls or plain', oneOf('--transport', ['tls', 'plain']), 'tls')
    .option(
      '--tenure <N>',
      'views of a tenure; in short ones votes go where bodies stream',
      wholeNumber('--tenure', tenure),
      clusterDefaults.tenure,
    )
    .option('--placement <P>', PLACEMENT_HELP.replace('its actors', 'the actors of a replica'), placement, 'inline')
    .option(
      '--pool-size <N>',
      'threads of each replica’s pool, 0 for none',
      wholeNumber('--pool-size', { min: 0, max: limits.poolThreads }),
      1,
    )
    .option('--base-timeout <MS>', 'base of the view timer', wholeNumber('--base-timeout', timeouts), BASE_TIMEOUT_MS)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  hotstuff bench bodies --bytes 8388608 --bodies 20 --placement threads')
    .action(async ({ baseTimeout, pause, json, ...rest }: BodiesFlags) => {
      const settings = { ...rest, pauseMs: pause, baseTimeoutMs: baseTimeout };
      const figures = await measureBodies(settings);
      lifecycle.print(json ? JSON.stringify({ ...figures, settings }) : described(figures));
    });
  refuseRepeats(command);
}

function described({ seconds, mebibytesPerSecond, votes, hashedInPool }: BodiesFigures): string {
  const ms = (milliseconds: number) => Math.round(milliseconds * 100) / 100;
  const row = (part: string, { p50, p99, max }: LatencyMs) => [part, ms(p50), ms(p99), ms(max)];
  const rows = Object.entries(votes).flatMap(([part, { ms: all, onCoreMs }]) =>
    onCoreMs === null ? [row(part, all)] : [row(part, all), row(`${part}, less waiting for a core`, onCoreMs)],
  );
  return `${table([`${votes.whole.votes} votes`, 'p50 ms', 'p99 ms', 'max ms'], rows)}

all bodies committed everywhere after ${ms(seconds)} s, ${ms(mebibytesPerSecond)} MiB/s; ${hashedInPool} hashed in the pool`;
}
