import type { Command } from 'commander';
import { type Client, createClient } from '../../actors/create-client.js';
import { loadCluster } from '../../src/adapters/cluster-files.js';
import { faultBound } from '../../src/protocol/quorum.js';
import { type CommandInput, openCommands } from '../command-input.js';
import type { Lifecycle } from '../lifecycle.js';
import { Failure, SilentFailure } from '../outcome.js';
import { showProgress } from '../progress.js';
import { type CommandOutcome, noResults, openResultsFile, type ResultsSink } from '../results-file.js';
import { IN_FLIGHT_MAX, type SubmissionTotals, submitLines } from '../submission.js';
import { shown } from '../table.js';
import { refuseRepeats, text } from '../usage.js';

interface SubmitOptions {
  readonly dir: string;
  readonly results?: string;
  readonly json?: true;
}

export interface SubmissionReport {
  readonly commands: Omit<SubmissionTotals, 'height'>;
  readonly seconds: number;
  readonly commandsPerSecond: number;
}

/** `hotstuff submit`: commands from a file or standard input to a running cluster. */
export function registerSubmit(program: Command, lifecycle: Lifecycle): void {
  const command = program
    .command('submit')
    .description('send commands of the key-value machine to a running cluster')
    .argument('[FILE]', 'file of commands, one a line; - for standard input', '-')
    .requiredOption('--dir <D>', 'directory of the cluster', text('--dir'))
    .option('--results <FILE>', 'write each result to FILE, a JSON object a line', text('--results'))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      [
        '',
        'Commands: SET k v, GET k, DEL k, INCR k, APPEND k v. Many are in flight at a time. They are committed in the',
        'order of the file as long as nothing fails; what the replicated log says is what counts.',
        '',
        'Example:',
        '  echo "INCR visits" | hotstuff submit --dir ./cluster',
      ].join('\n'),
    )
    .action(async (file: string, options: SubmitOptions) => {
      const cluster = await loadCluster(options.dir);
      await using client = createClient({ cluster, outstandingMax: IN_FLIGHT_MAX });
      await refuseSilence(client, faultBound(cluster.replicas.length) + 1);
      const source = await openSource({ ...options, source: file }, lifecycle);
      const { report, failed } = await submitSource(client, source, lifecycle);
      if (options.json) lifecycle.print(JSON.stringify(report));
      else lifecycle.warn(describeReport(report));
      if (failed) throw new SilentFailure('some commands were not committed');
    });
  refuseRepeats(command);
}

/** Rejects when fewer than `needed` replicas answer, so that no command could ever be believed committed. */
async function refuseSilence(client: Client, needed: number): Promise<void> {
  const answers = await client.status({ withinMs: 5000 });
  const reachable = answers.filter((answer) => answer.reachable).length;
  if (reachable >= needed) return;
  const problems = answers.flatMap((answer) =>
    answer.reachable || answer.problem === undefined ? [] : [answer.problem],
  );
  const hint = problems.length > 0 ? problems.join('. ') : 'Is the cluster running?';
  throw new Failure(`${reachable} of ${answers.length} replicas answer; at least ${needed} must. ${hint}`);
}

/** Commands and where their results go, opened. */
export interface Source {
  readonly input: CommandInput;
  readonly results: ResultsSink;
  /** Whether replies are printed as they come: to somebody who types commands and wants them nowhere else. */
  readonly talkative: boolean;
  readonly quiet: boolean;
}

export interface SourceOptions {
  /** A path, or `-`. */
  readonly source: string;
  readonly results?: string;
  readonly json?: true;
}

/** Opens commands and results. Rejects before anything is sent when either cannot be used. */
export async function openSource({ source, results, json }: SourceOptions, { stopping }: Lifecycle): Promise<Source> {
  const input = await openCommands(source, stopping);
  return {
    input,
    results: results === undefined ? noResults : await openResultsFile(results),
    talkative: results === undefined && !json && source === '-',
    quiet: json ?? false,
  };
}

/** Submits a source of commands, with results, progress and totals. `height`: the highest block that holds one. */
export async function submitSource(
  client: Client,
  { input, results, talkative, quiet }: Source,
  { stopping, print }: Lifecycle,
): Promise<{ report: SubmissionReport; failed: boolean; height: number }> {
  const progress = showProgress(input, !quiet);
  const started = performance.now();
  try {
    const { height, ...commands } = await submitLines({
      client,
      lines: input.lines,
      results,
      stopping,
      onOutcome: (outcome) => {
        progress.step(outcome.command);
        if (talkative) print(describeOutcome(outcome));
      },
    });
    const seconds = (performance.now() - started) / 1000;
    const report = { commands, seconds: rounded(seconds), commandsPerSecond: rounded(commands.committed / seconds) };
    return { report, failed: commands.failed > 0 && !stopping.aborted, height };
  } finally {
    progress.stop();
  }
}

/** `1,000 commands committed in 0.52 s (1,923 per second), 0 failed`. */
export function describeReport({ commands, seconds, commandsPerSecond }: SubmissionReport): string {
  const { committed, failed } = commands;
  return `${shown(committed)} commands committed in ${seconds} s (${shown(commandsPerSecond)} per second), ${shown(failed)} failed`;
}

function describeOutcome(outcome: CommandOutcome): string {
  if ('error' in outcome) return `${outcome.command}: ${outcome.error}`;
  const { command, result } = outcome;
  const reply = result === null ? '(nil)' : typeof result === 'string' ? result : `error: ${result.error}`;
  return `${command} -> ${reply}`;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
