import type { Command } from 'commander';
import { initCluster } from '../../src/adapters/init-cluster.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { clusterRanges, hostRule } from '../../src/config/cluster-file.js';
import { clusterDefaults } from '../../src/config/create-cluster.js';
import { leaderSchedules } from '../../src/protocol/leader-schedule.js';
import { faultBound } from '../../src/protocol/quorum.js';
import type { Lifecycle } from '../lifecycle.js';
import { UsageError } from '../outcome.js';
import { counted } from '../table.js';
import { matching, oneOf, refuseRepeats, SCHEDULE_HELP, text, wholeNumber } from '../usage.js';

interface InitOptions {
  readonly dir: string;
  readonly replicas: number;
  readonly host: string;
  readonly basePort: number;
  readonly rule: ClusterConfig['rule'];
  readonly tenure: number;
  readonly leaderSchedule: ClusterConfig['leaderSchedule'];
  readonly baseTimeout: number;
  readonly transport: ClusterConfig['transport'];
}

/** Replicas of one cluster at most, so that all their ports fit beside each other. */
export const REPLICAS_MAX = 1000;

/** `hotstuff init`: writes the configuration, keys and empty stores of a new cluster. */
export function registerInit(program: Command, lifecycle: Lifecycle): void {
  const { port, tenure, baseTimeoutMs } = clusterRanges;
  const command = program
    .command('init')
    .description('write the configuration, keys and empty stores of a new cluster')
    .requiredOption('--dir <D>', 'new or empty directory', text('--dir'))
    .option(
      '--replicas <N>',
      'replicas',
      wholeNumber('--replicas', { min: 1, max: REPLICAS_MAX }),
      clusterDefaults.replicas,
    )
    .option('--host <H>', 'host of all replicas', matching('--host', hostRule), clusterDefaults.host)
    .option('--base-port <P>', 'first of 2N ports in a row', wholeNumber('--base-port', port), clusterDefaults.basePort)
    .option(
      '--rule <R>',
      'three-chain or two-chain',
      oneOf('--rule', ['three-chain', 'two-chain']),
      clusterDefaults.rule,
    )
    .option('--tenure <N>', 'views that one leader holds', wholeNumber('--tenure', tenure), clusterDefaults.tenure)
    .option(
      '--leader-schedule <S>',
      SCHEDULE_HELP,
      oneOf('--leader-schedule', leaderSchedules),
      clusterDefaults.leaderSchedule,
    )
    .option(
      '--base-timeout <MS>',
      'milliseconds that a view may take at first',
      wholeNumber('--base-timeout', baseTimeoutMs),
      clusterDefaults.baseTimeoutMs,
    )
    .option('--transport <T>', 'tls or plain', oneOf('--transport', ['tls', 'plain']), clusterDefaults.transport)
    .addHelpText('after', '\nExample:\n  hotstuff init --dir ./cluster --replicas 4 --base-port 7100')
    .action(async ({ dir, baseTimeout: baseTimeoutMs, ...settings }: InitOptions) => {
      const { replicas, basePort } = settings;
      if (basePort + 2 * replicas - 1 > port.max) {
        const most = port.max + 1 - 2 * replicas;
        throw new UsageError(`--base-port is ${basePort}; with ${replicas} replicas it must be at most ${most}`);
      }
      await initCluster(dir, { ...settings, baseTimeoutMs });
      lifecycle.print(`${dir}: ${describe(replicas)}, ports ${basePort} to ${basePort + 2 * replicas - 1}`);
    });
  refuseRepeats(command);
}

/** `4 replicas, of which 1 may fail`. */
export function describe(replicas: number): string {
  const faulty = faultBound(replicas);
  const count = counted(replicas, 'replica');
  return faulty === 0 ? `${count}, none of which may fail (that takes 4)` : `${count}, of which ${faulty} may fail`;
}
