import type { Command } from 'commander';
import { type Client, createClient } from '../../actors/create-client.js';
import { loadCluster } from '../../src/adapters/cluster-files.js';
import { faultBound } from '../../src/protocol/quorum.js';
import { type LineInput, openCommands } from '../command-input.js';
import { aborted, endingWith, type Lifecycle } from '../lifecycle.js';
import { Failure, UsageError } from '../outcome.js';
import { showProgress } from '../progress.js';
import {
  type CommandOutcome,
  noResults,
  openResultsFile,
  type ResultsSink,
  refuseCommandsFile,
} from '../results-file.js';
import { IN_FLIGHT_MAX, type SubmissionTotals, submitLines } from '../submission.js';
import { counted, shown } from '../table.js';
import { refuseRepeats, text } from '../usage.js';

/** What `--help` says of `--results`. */
export const RESULTS_HELP =
  'write each result to FILE, a JSON object a line, over what FILE held; - is standard output';

interface SubmitOptions {
  readonly dir: string;
  readonly results?: string;
  readonly json?: true;
}

/** What `--json` tells of a submission. */
export interface SubmissionReport {
  readonly commands: Omit<SubmissionTotals, 'height' | 'firstFailure'>;
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
    .option('--results <FILE>', RESULTS_HELP, text('--results'))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      [
        '',
        'Commands: SET k v, GET k, DEL k, INCR k, APPEND k v. Many are in flight at a time. They are committed in the',
        'order of the file as long as nothing fails; what the replicated log says is what counts. A value is the rest of',
        'the line and not empty. Exit code 1 if any was not committed; a signal ends with 0, --json then says "stopped".',
        '',
        'Example:',
        '  echo "INCR visits" | hotstuff submit --dir ./cluster',
      ].join('\n'),
    )
    .action(async (file: string, options: SubmitOptions) => {
      const silent = new AbortController();
      // Before the cluster is asked: what is wrong with the file can be told at once, whether a cluster runs or not.
      const source = await openSource({ ...options, source: file }, endingWith(lifecycle, silent.signal));
      const cluster = await loadCluster(options.dir);
      await using client = createClient({ cluster, outstandingMax: IN_FLIGHT_MAX });
      const heard = refuseSilence(client, faultBound(cluster.replicas.length) + 1);
      // A pipe that nobody will read would keep the process alive.
      heard.catch((reason) => silent.abort(reason));
      await Promise.race([heard, aborted(lifecycle.stopping)]);
      const { report, failure } = await submitSource(client, await openResults(source, lifecycle), lifecycle);
      const stopped = lifecycle.stopping.aborted;
      if (options.json) lifecycle.print(JSON.stringify({ ...report, ...(stopped ? { stopped } : {}) }));
      else lifecycle.warn(`${describeReport(report)}${stopped ? STOPPED : ''}`);
      if (failure !== null && !stopped) throw failure;
    });
  refuseRepeats(command);
}

/** Whoever stops a long file must not take its beginning for all of it. */
const STOPPED = '. Stopped before the end: the commands that follow were not sent.';

/** Rejects when fewer than `needed` replicas answer, so that no command could ever be believed committed. */
async function refuseSilence(client: Client, needed: number): Promise<void> {
  const count = (answers: Awaited<ReturnType<Client['status']>>): number =>
    answers.filter((answer) => answer.reachable).length;
  // One that hangs is waited for only where the others are too few.
  if (count(await client.status({ withinMs: 500 })) >= needed) return;
  const answers = await client.status({ withinMs: 5000 });
  const reachable = count(answers);
  if (reachable >= needed) return;
  const problems = answers.flatMap((answer) =>
    answer.reachable || answer.problem === undefined ? [] : [answer.problem],
  );
  const hint = problems.length > 0 ? problems.join('. ') : 'Is the cluster running?';
  throw new Failure(`${reachable} of ${answers.length} replicas answer; at least ${needed} must. ${hint}`);
}

/** Commands, opened, and where their results go. */
export interface Source {
  readonly input: LineInput;
  /** A path, or `-`; null where nobody wants them. */
  readonly results: string | null;
  /** Whether replies are printed as they come: to somebody who types commands and wants them nowhere else. */
  readonly talkative: boolean;
  readonly quiet: boolean;
}

interface SourceOptions {
  /** A path, or `-`. */
  readonly source: string;
  readonly results?: string;
  readonly json?: true;
}

/** Opens commands, and refuses results that would go over them. */
export async function openSource({ source, results, json }: SourceOptions, { stopping }: Lifecycle): Promise<Source> {
  if (results === '-' && json) {
    throw new UsageError('--results is -, but with --json standard output holds one document alone; name a file');
  }
  const input = await openCommands(source, stopping);
  if (results !== undefined && results !== '-') await refuseCommandsFile(results, input.stats);
  return {
    input,
    results: results ?? null,
    talkative: results === undefined && !json && source === '-',
    quiet: json ?? false,
  };
}

/** A source whose results can be taken. */
export type OpenSource = Omit<Source, 'results'> & { readonly results: ResultsSink };

/** Opens the results of a source: once a cluster is there to give some. */
export async function openResults(source: Source, { stopping }: Lifecycle): Promise<OpenSource> {
  return { ...source, results: source.results === null ? noResults : await openResultsFile(source.results, stopping) };
}

/** What came of a submission. */
export interface Submitted {
  readonly report: SubmissionReport;
  /** Why not all is committed; null when all is. */
  readonly failure: Failure | null;
  /** The highest block that holds a command of it. */
  readonly height: number;
}

/** Submits a source of commands, with results, progress and totals. Rejects when input or results fail. */
export async function submitSource(
  client: Client,
  { input, results, talkative, quiet }: OpenSource,
  { stopping, print }: Lifecycle,
): Promise<Submitted> {
  const progress = showProgress(input, !quiet && !talkative);
  const started = performance.now();
  try {
    const { height, firstFailure, ...commands } = await submitLines({
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
    return { report, failure: failureOf(commands, firstFailure), height };
  } finally {
    progress.stop();
  }
}

/** `1,000 commands committed in 0.52 s (1,923 per second), 0 failed`. */
export function describeReport({ commands, seconds, commandsPerSecond }: SubmissionReport): string {
  const { committed, failed } = commands;
  const rate = commandsPerSecond < 10 ? Math.round(commandsPerSecond * 10) / 10 : Math.round(commandsPerSecond);
  const took = `${Math.round(seconds * 100) / 100} s (${shown(rate)} per second)`;
  return `${counted(committed, 'command')} committed in ${took}, ${shown(failed)} failed`;
}

function failureOf({ submitted, failed }: SubmissionReport['commands'], first: string | null): Failure | null {
  if (first === null) return null;
  const reason = failed === 1 ? first : `the first: ${first}`;
  return new Failure(`${shown(failed)} of ${counted(submitted, 'command')} failed, ${reason}`);
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
