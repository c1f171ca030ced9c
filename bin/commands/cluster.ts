import type { Command } from 'commander';
import { createClient } from '../../actors/create-client.js';
import type { Placement } from '../../actors/placement.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { leaderSchedules } from '../../src/protocol/leader-schedule.js';
import { faultBound } from '../../src/protocol/quorum.js';
import { agreement, type SeenState, seenStates } from '../agreement.js';
import { openHome } from '../cluster-home.js';
import { httpPort } from '../http-ports.js';
import { aborted, endingWith, type Lifecycle } from '../lifecycle.js';
import { Failure, UsageError } from '../outcome.js';
import { type GivenUp, ReplicaProcesses } from '../replica-processes.js';
import { IN_FLIGHT_MAX } from '../submission.js';
import { table } from '../table.js';
import {
  oneOf,
  PLACEMENT_HELP,
  placement,
  placementText,
  refuseRepeats,
  SCHEDULE_HELP,
  text,
  wholeNumber,
} from '../usage.js';
import { describe, REPLICAS_MAX } from './init.js';
import {
  describeReport,
  openResults,
  openSource,
  RESULTS_HELP,
  type Source,
  type Submitted,
  submitSource,
} from './submit.js';

interface ClusterOptions {
  readonly dir?: string;
  readonly replicas?: number;
  readonly leaderSchedule?: ClusterConfig['leaderSchedule'];
  readonly commands?: string;
  readonly results?: string;
  readonly exit?: true;
  readonly http?: number;
  readonly placement: Placement;
  readonly json?: true;
}

/** `hotstuff cluster`: a whole cluster on this machine, an operating-system process a replica. */
export function registerCluster(program: Command, lifecycle: Lifecycle): void {
  const command = program
    .command('cluster')
    .description('run a whole cluster on this machine, a process for each replica')
    .option('--dir <D>', 'directory of the cluster; without it a temporary one', text('--dir'))
    .option('--replicas <N>', 'replicas of a new cluster', wholeNumber('--replicas', { min: 1, max: REPLICAS_MAX }))
    .option('--leader-schedule <S>', `${SCHEDULE_HELP}; of a new cluster`, oneOf('--leader-schedule', leaderSchedules))
    .option('--commands <FILE>', 'submit the commands in FILE; - for standard input', text('--commands'))
    .option('--results <FILE>', RESULTS_HELP, text('--results'))
    .option('--exit', 'end when every replica has committed the commands')
    .option('--http <P>', 'metrics and health of replica i over HTTP on port P + i, for this machine only', httpPort)
    .option('--placement <P>', PLACEMENT_HELP.replace('its actors', 'the actors of a replica'), placement, 'inline')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      [
        '',
        'Exit code 1 if any command was not committed. A signal ends with 0: --json then prints what was done, where',
        'each replica was last seen (null: it did not answer), and "stopped" if that was before the end.',
        '',
        'Example:',
        '  hotstuff cluster --commands examples/key-value/commands.txt --exit',
      ].join('\n'),
    )
    .action((options: ClusterOptions) => runCluster(options, lifecycle));
  refuseRepeats(command);
}

async function runCluster(options: ClusterOptions, lifecycle: Lifecycle): Promise<void> {
  if (options.results !== undefined && options.commands === undefined) {
    throw new UsageError('--results needs --commands: without commands there are no results');
  }
  const { commands, dir, replicas: count, leaderSchedule, http } = options;
  const lost = new AbortController();
  const source =
    commands === undefined
      ? null
      : await openSource({ ...options, source: commands }, endingWith(lifecycle, lost.signal));
  await using home = await openHome({ dir, replicas: count, leaderSchedule, http });
  const { cluster } = home;
  const replicas = cluster.replicas.length;
  const processes = new ReplicaProcesses({
    dir: home.dir,
    replicas,
    http: http ?? null,
    placement: placementText(options.placement),
    warn: lifecycle.warn,
    onGivenUp: () => {
      if (processes.givenUp().length > faultBound(replicas)) lost.abort(new Failure('too few replicas are left'));
    },
  });
  try {
    await processes.start(lifecycle.stopping);
    if (!options.json && !lifecycle.stopping.aborted) lifecycle.warn(`${describe(replicas)}, in ${home.dir}`);
    await work(cluster, { ...options, source, processes, lost: lost.signal }, lifecycle);
  } finally {
    await processes.stop(lifecycle.timeLeftMs());
  }
}

interface Work extends Pick<ClusterOptions, 'exit' | 'json'> {
  readonly source: Source | null;
  readonly processes: ReplicaProcesses;
  /** Aborted when so many replicas were given up that nothing can be committed any more. */
  readonly lost: AbortSignal;
}

/** What a cluster does once it runs: commands, then either the end or waiting for a signal. */
async function work(cluster: ClusterConfig, options: Work, lifecycle: Lifecycle): Promise<void> {
  const { source, exit, json, processes, lost } = options;
  const { stopping, warn } = lifecycle;
  const print = source?.results === '-' ? warn : lifecycle.print;
  const opened = source === null || stopping.aborted ? null : await openResults(source, lifecycle);
  await using client = createClient({ cluster, outstandingMax: IN_FLIGHT_MAX });
  // With all connections there the first commands take the same way as the next, which would overtake them otherwise.
  if (opened !== null) await Promise.race([client.status({ withinMs: 5000 }), aborted(stopping)]);
  const submitted = opened === null ? nothing : await submitSource(client, opened, endingWith(lifecycle, lost));
  const agreed = await agreement({ client, height: submitted.height, supervision: processes, stopping });
  const missing = agreed === null ? [] : processes.givenUp();
  const tell = (states: readonly SeenState[]): void => {
    const stopped = agreed === null;
    if (json) print(JSON.stringify({ ...submitted.report, replicas: states, ...(stopped ? { stopped } : {}) }));
    else print(closing(source === null ? null : submitted, states, { stopped, missing: missing.length > 0 }));
  };
  if (agreed === null) return tell(await seenStates(client));
  const failure = submitted.failure ?? missingFailure(missing);
  if (exit) {
    tell(agreed);
    if (failure !== null) throw failure;
    return;
  }
  if (source !== null && !json) tell(agreed);
  if (failure !== null) warn(`hotstuff: ${failure.message}`);
  if (!json) warn('running; Ctrl-C stops it');
  await aborted(stopping);
  if (json) tell(await seenStates(client));
}

/** Null where every replica is there. */
function missingFailure(missing: readonly GivenUp[]): Failure | null {
  if (missing.length === 0) return null;
  return new Failure(`not committed everywhere: ${missing.map(({ why }) => why).join('; ')}`);
}

/** Of a cluster that was given no commands. */
const nothing: Submitted = {
  report: { commands: { submitted: 0, committed: 0, failed: 0 }, seconds: 0, commandsPerSecond: 0 },
  failure: null,
  height: 0,
};

interface Ended {
  /** By a signal. */
  readonly stopped: boolean;
  /** Whether a replica was given up. */
  readonly missing: boolean;
}

function closing(submitted: Submitted | null, states: readonly SeenState[], { stopped, missing }: Ended): string {
  const rows = states.map(({ id, committedHeight, stateHash }) => [`${id}`, committedHeight ?? '-', stateHash ?? '-']);
  const seen = table(['replica', 'height', 'state hash'], rows);
  const head = submitted === null ? [] : [describeReport(submitted.report), ''];
  if (stopped) return [...head, seen, '', 'Stopped before the end.'].join('\n');
  if (missing || (submitted !== null && submitted.failure !== null)) return [...head, seen].join('\n');
  return [
    ...head,
    seen,
    '',
    'All replicas agree. Try next:',
    `  ${program()} cluster --dir ./my-cluster               a cluster that stays, until Ctrl-C`,
    `  echo "INCR visits" | ${program()} submit --dir ./my-cluster`,
    `  ${program()} status --dir ./my-cluster`,
    `  ${program()} --help`,
  ].join('\n');
}

/** How this program is called: in its own project by a script of that, where it is installed by the name of its binary. */
function program(): string {
  return ['start', 'hotstuff'].includes(process.env.npm_lifecycle_event ?? '')
    ? 'npm run -s hotstuff --'
    : 'npx hotstuff';
}
