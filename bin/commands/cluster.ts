import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createClient } from '../../actors/create-client.js';
import { CLUSTER_FILE, loadCluster } from '../../src/adapters/cluster-files.js';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { initCluster } from '../../src/adapters/init-cluster.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { clusterDefaults } from '../../src/config/create-cluster.js';
import { agreement, type ReplicaState } from '../agreement.js';
import { aborted, type Lifecycle } from '../lifecycle.js';
import { SilentFailure, UsageError } from '../outcome.js';
import { ReplicaProcesses } from '../replica-processes.js';
import { IN_FLIGHT_MAX } from '../submission.js';
import { table } from '../table.js';
import { refuseRepeats, text, wholeNumber } from '../usage.js';
import { describe, REPLICAS_MAX } from './init.js';
import { describeReport, openSource, type Source, type SubmissionReport, submitSource } from './submit.js';

interface ClusterOptions {
  readonly dir?: string;
  readonly replicas?: number;
  readonly commands?: string;
  readonly results?: string;
  readonly exit?: true;
  readonly json?: true;
}

/** `hotstuff cluster`: a whole cluster on this machine, an operating-system process a replica. */
export function registerCluster(program: Command, lifecycle: Lifecycle): void {
  const command = program
    .command('cluster')
    .description('run a whole cluster on this machine, a process for each replica')
    .option('--dir <D>', 'directory of the cluster; without it a temporary one', text('--dir'))
    .option('--replicas <N>', 'replicas of a new cluster', wholeNumber('--replicas', { min: 1, max: REPLICAS_MAX }))
    .option('--commands <FILE>', 'submit the commands in FILE; - for standard input', text('--commands'))
    .option('--results <FILE>', 'write each result to FILE, a JSON object a line', text('--results'))
    .option('--exit', 'end when every replica has committed the commands')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  hotstuff cluster --commands examples/key-value/commands.txt --exit')
    .action((options: ClusterOptions) => runCluster(options, lifecycle));
  refuseRepeats(command);
}

async function runCluster(options: ClusterOptions, lifecycle: Lifecycle): Promise<void> {
  if (options.results !== undefined && options.commands === undefined) {
    throw new UsageError('--results needs --commands: without commands there are no results');
  }
  const { commands } = options;
  const source = commands === undefined ? null : await openSource({ ...options, source: commands }, lifecycle);
  await using home = await openHome(options);
  const { cluster, dir } = home;
  const processes = new ReplicaProcesses({ dir, replicas: cluster.replicas.length, warn: lifecycle.warn });
  try {
    await processes.start(lifecycle.stopping);
    if (lifecycle.stopping.aborted) return;
    if (!options.json) lifecycle.warn(`${describe(cluster.replicas.length)}, in ${dir}`);
    await work(cluster, { ...options, source }, lifecycle);
  } finally {
    await processes.stop();
  }
}

type Work = Pick<ClusterOptions, 'exit' | 'json'> & { readonly source: Source | null };

/** What a cluster does once it runs: commands, then either the closing table or waiting for a signal. */
async function work(cluster: ClusterConfig, { source, exit, json }: Work, lifecycle: Lifecycle): Promise<void> {
  const { stopping, warn } = lifecycle;
  const started = performance.now();
  await using client = createClient({ cluster, outstandingMax: IN_FLIGHT_MAX });
  const nothing = { report: noCommands(started), failed: false, height: 0 };
  const { report, failed, height } = source === null ? nothing : await submitSource(client, source, lifecycle);
  const states = await agreement(client, height, stopping);
  if (states === null) return;
  if (exit) {
    lifecycle.print(json ? JSON.stringify({ ...report, replicas: states }) : closing(report, states));
    if (failed) throw new SilentFailure('some commands were not committed');
    return;
  }
  if (source !== null && !json) lifecycle.print(closing(report, states));
  if (!json) warn('running; Ctrl-C stops it');
  await aborted(stopping);
  if (json) lifecycle.print(JSON.stringify({ ...report, replicas: states }));
}

interface Home extends AsyncDisposable {
  readonly dir: string;
  readonly cluster: ClusterConfig;
}

/** The directory of the cluster: an initialised one is resumed, a new one made, a temporary one removed at the end. */
async function openHome({ dir, replicas }: ClusterOptions): Promise<Home> {
  const keep = { [Symbol.asyncDispose]: async () => undefined };
  if (dir === undefined) {
    const temporary = await mkdtemp(join(tmpdir(), 'hotstuff-'));
    const remove = { [Symbol.asyncDispose]: () => rm(temporary, { recursive: true, force: true }) };
    return { dir: temporary, cluster: await newCluster(temporary, replicas), ...remove };
  }
  if (!(await isInitialised(dir))) return { dir, cluster: await newCluster(dir, replicas), ...keep };
  const cluster = await loadCluster(dir);
  const count = cluster.replicas.length;
  if (replicas !== undefined && replicas !== count) {
    throw new UsageError(`--replicas is ${replicas}, but ${dir} holds a cluster of ${count}; leave --replicas out`);
  }
  return { dir, cluster, ...keep };
}

async function newCluster(dir: string, count: number | undefined): Promise<ClusterConfig> {
  const replicas = count ?? clusterDefaults.replicas;
  const basePort = await freeBasePort(2 * replicas, clusterDefaults.host);
  return await initCluster(dir, { ...clusterDefaults, replicas, basePort });
}

/** What is missing or cannot be listed is no cluster yet: making one says what is wrong with it. */
async function isInitialised(dir: string): Promise<boolean> {
  try {
    return (await readdir(dir)).includes(CLUSTER_FILE);
  } catch {
    return false;
  }
}

function noCommands(started: number): SubmissionReport {
  const seconds = Math.round(performance.now() - started) / 1000;
  return { commands: { submitted: 0, committed: 0, failed: 0 }, seconds, commandsPerSecond: 0 };
}

function closing(report: SubmissionReport, states: readonly ReplicaState[]): string {
  const rows = states.map(({ id, committedHeight, stateHash }) => [`${id}`, committedHeight, stateHash]);
  return [
    describeReport(report),
    '',
    table(['replica', 'height', 'state hash'], rows),
    '',
    'All replicas agree. Try next:',
    '  npm run -s hotstuff -- cluster --dir ./my-cluster               a cluster that stays, until Ctrl-C',
    '  echo "INCR visits" | npm run -s hotstuff -- submit --dir ./my-cluster',
    '  npm run -s hotstuff -- status --dir ./my-cluster',
    '  npm run -s hotstuff -- --help',
  ].join('\n');
}
