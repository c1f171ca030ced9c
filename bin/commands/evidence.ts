import type { Command } from 'commander';
import type { EvidenceQuery } from '../../actors/client-options.js';
import { type Client, createClient } from '../../actors/create-client.js';
import { loadCluster, replicaDirectory } from '../../src/adapters/cluster-files.js';
import { storedEvidence } from '../../src/adapters/stored-evidence.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { limits } from '../../src/config/limits.js';
import type { Equivocation } from '../../src/protocol/evidence.js';
import { NUMBER_MAX } from '../../src/protocol/numbers.js';
import { blocksOf, checkEquivocation } from '../../src/wire/evidence-check.js';
import { evidenceDocument, readEvidence } from '../../src/wire/evidence-document.js';
import { openLines } from '../command-input.js';
import type { Lifecycle } from '../lifecycle.js';
import { Failure, UsageError } from '../outcome.js';
import { table } from '../table.js';
import { refuseRepeats, text, wholeNumber } from '../usage.js';
import { knownReplica } from './log.js';

interface EvidenceOptions {
  readonly dir: string;
  readonly replica?: number;
  readonly check?: string;
  readonly json?: true;
}

const HELP = `
A proof is two messages that one replica signed for one view, which no correct replica does. It is checked from the
public keys in cluster.json alone, by this command or by any other reader of docs/evidence.md.

Example:
  hotstuff evidence --dir ./cluster --replica 0 --json > proofs
  hotstuff evidence --dir ./cluster --check proofs`;

/** `hotstuff evidence`: the proofs of equivocation that a replica holds, running or stopped, or whether exported ones are valid. */
export function registerEvidence(program: Command, lifecycle: Lifecycle): void {
  const command = program
    .command('evidence')
    .description('list the proofs that a replica holds against others, or check exported ones')
    .requiredOption('--dir <D>', 'directory of the cluster, or its cluster.json for --check', text('--dir'))
    .option(
      '--replica <I>',
      'index of the replica, running or stopped',
      wholeNumber('--replica', { min: 0, max: NUMBER_MAX }),
    )
    .option('--check <FILE>', 'check the proofs in a file, one a line; - is standard input', text('--check'))
    .option('--json', 'print a JSON object a line')
    .addHelpText('after', HELP)
    .action(async (options: EvidenceOptions) => {
      const { dir, replica, check } = options;
      if ((replica === undefined) === (check === undefined))
        throw new UsageError('evidence needs --replica, whose proofs are listed, or --check, and not both');
      const cluster = await loadCluster(dir);
      const found = check === undefined ? held(cluster, options) : exported(cluster, check, lifecycle.stopping);
      await tell(found, { cluster, json: options.json === true }, lifecycle);
    });
  refuseRepeats(command);
}

/** One proof, or what stands in the place of one. */
interface Finding {
  /** Where it was found: a key of the store, or a line. */
  readonly place: string;
  /** Null where it cannot be read. */
  readonly proof: Equivocation | null;
  /** Why it is not valid; null for a valid one. */
  readonly problem: string | null;
}

/** Of a running replica those that it answers with; of a stopped one those in its store. */
async function* held(cluster: ClusterConfig, { dir, replica: index = 0 }: EvidenceOptions): AsyncGenerator<Finding> {
  const replica = knownReplica(cluster, index);
  await using client = createClient({ cluster });
  for (const { id: accused } of cluster.replicas) {
    const proofs = await answered(client, { replica, accused });
    if (proofs === null) return yield* stored(cluster, replicaDirectory(dir, replica));
    for (const proof of proofs) yield judged(cluster, `replica ${replica}`, proof);
  }
}

/** Null when the replica does not answer: its store is read instead. */
async function answered(client: Client, query: EvidenceQuery): Promise<readonly Equivocation[] | null> {
  try {
    return await client.evidence(query);
  } catch (error) {
    if ((error as { code?: string }).code === 'REPLICA_UNREACHABLE' && query.accused === 0) return null;
    throw error;
  }
}

async function* stored(cluster: ClusterConfig, directory: string): AsyncGenerator<Finding> {
  for (const { key, proof } of await storedEvidence(directory, cluster.clusterId)) {
    yield proof === null ? { place: key, proof, problem: 'it cannot be read' } : judged(cluster, key, proof);
  }
}

async function* exported(cluster: ClusterConfig, source: string, stopping: AbortSignal): AsyncGenerator<Finding> {
  const input = await openLines({ source, what: 'proofs', lineBytesMax: limits.proofLineBytes }, stopping);
  for await (const lines of input.lines) {
    for (const { number, text: line, problem } of lines) {
      if (line === '') continue;
      const place = `line ${number}`;
      const reading = problem === null ? readEvidence(line, cluster) : ({ ok: false, detail: problem } as const);
      yield reading.ok ? judged(cluster, place, reading.proof) : { place, proof: null, problem: reading.detail };
    }
  }
}

function judged(cluster: ClusterConfig, place: string, proof: Equivocation): Finding {
  const verdict = checkEquivocation(proof, cluster);
  return { place, proof, problem: verdict.valid ? null : verdict.detail };
}

/** Prints all that is found; fails where anything of it is not valid. */
async function tell(
  findings: AsyncIterable<Finding>,
  { cluster, json }: { readonly cluster: ClusterConfig; readonly json: boolean },
  lifecycle: Lifecycle,
): Promise<void> {
  const rows: string[][] = [];
  const invalid: string[] = [];
  for await (const finding of findings) {
    if (lifecycle.stopping.aborted) return;
    const { place, problem } = finding;
    if (problem !== null) invalid.push(`${place}: ${problem}`);
    if (json) lifecycle.print(JSON.stringify(documentOf(cluster, finding)));
    else rows.push(rowOf(finding));
  }
  if (!json) lifecycle.print(rows.length === 0 ? 'no proofs' : table(HEAD, rows));
  if (invalid.length === 1) throw new Failure(`a proof is not valid; ${invalid[0]}`);
  if (invalid.length > 1) throw new Failure(`${invalid.length} proofs are not valid; the first is ${invalid[0]}`);
}

function documentOf(cluster: ClusterConfig, { place, proof, problem }: Finding): object {
  const document = proof === null ? {} : evidenceDocument(proof, cluster);
  return problem === null ? { ...document, valid: true } : { ...document, valid: false, place, problem };
}

const HEAD = ['replica', 'signed', 'view', 'blocks', 'valid', 'found at'];
const HASH_SHOWN = 12;

function rowOf({ place, proof, problem }: Finding): string[] {
  const valid = problem === null ? 'yes' : 'no';
  if (proof === null) return ['-', '-', '-', '-', valid, place];
  const [first, second] = blocksOf(proof).map((hash) => hash.slice(0, HASH_SHOWN));
  return [`${proof.replica}`, `two ${proof.kind}`, `${proof.view}`, `${first} ${second}`, valid, place];
}
