/** Clusters of real replica processes on loopback ports, to be killed and started again one by one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { HANG_MS, type Running, type RunResult, run, runHere, scratch, start } from './command-line.js';

/**
 * Waits, looking every 50 ms, until `look` gives something. What never comes is named after {@link HANG_MS}: that is no bound
 * on how fast it comes, which is for a quiet machine to measure.
 */
export async function until<Found>(what: string, look: () => Promise<Found | null>): Promise<Found> {
  const end = performance.now() + HANG_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) throw new Error(`${what}: not within ${HANG_MS} ms`);
    await pause(50);
  }
}

/** Runs a command to its end and demands exit code 0; the failure shows what it said. */
export async function succeed(t: ExecutionContext, args: readonly string[]): Promise<RunResult> {
  const ended = await run(t, args);
  t.is(ended.code, 0, `hotstuff ${args.join(' ')}\n${ended.stderr}\n${ended.stdout}`);
  return ended;
}

/** Runs a command within this process, which costs no start of another one, and demands exit code 0; what it printed. */
export async function succeedHere(t: ExecutionContext, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runHere(args);
  t.is(code, 0, `hotstuff ${args.join(' ')}\n${stderr}\n${stdout}`);
  return stdout;
}

/** What `status --json` says of one replica; null for what an unreachable one cannot say. */
export interface ReplicaState {
  readonly id: number;
  readonly reachable: boolean;
  readonly leader: number | null;
  readonly committedHeight: number | null;
  readonly stateHash: string | null;
}

/** A cluster whose replicas are processes of `hotstuff start`. */
export class ProcessCluster {
  readonly dir: string;
  readonly size: number;
  readonly #t: ExecutionContext;
  readonly #replicas = new Map<number, Running>();

  private constructor(t: ExecutionContext, dir: string, size: number) {
    this.#t = t;
    this.dir = dir;
    this.size = size;
  }

  /** Initialises a directory and starts every replica; once more where another program took a port meanwhile. */
  static async start(t: ExecutionContext, size: number, flags: readonly string[] = []): Promise<ProcessCluster> {
    const attempt = async (): Promise<ProcessCluster> => {
      const dir = join(await scratch(t), 'cluster');
      const basePort = await freeBasePort(2 * size, '127.0.0.1');
      await succeedHere(t, ['init', '--dir', dir, '--replicas', `${size}`, '--base-port', `${basePort}`, ...flags]);
      const cluster = new ProcessCluster(t, dir, size);
      await cluster.startAll();
      return cluster;
    };
    try {
      return await attempt();
    } catch (error) {
      if (!/port \d+ on \S+ is in use/.test(String(error))) throw error;
      return attempt();
    }
  }

  async startAll(): Promise<void> {
    await Promise.all(Array.from({ length: this.size }, (_, id) => this.startReplica(id)));
  }

  /** Starts one replica and waits for the line that says it is ready. */
  async startReplica(id: number): Promise<void> {
    const replica = start(this.#t, ['start', '--dir', this.dir, '--replica', `${id}`, '--json']);
    this.#replicas.set(id, replica);
    await replica.said('"ready":true');
  }

  /** Ends one replica, at once and without warning unless told otherwise. */
  async killReplica(id: number, signal: NodeJS.Signals = 'SIGKILL'): Promise<RunResult> {
    const replica = this.#replicas.get(id);
    if (replica === undefined) throw new Error(`replica ${id} was never started`);
    replica.process.kill(signal);
    return replica.ended;
  }

  /** Ends all replicas at once. */
  killAll(signal: NodeJS.Signals = 'SIGKILL'): Promise<readonly RunResult[]> {
    return Promise.all([...this.#replicas.keys()].map((id) => this.killReplica(id, signal)));
  }

  async status(): Promise<readonly ReplicaState[]> {
    const stdout = await succeedHere(this.#t, ['status', '--dir', this.dir, '--json']);
    return (JSON.parse(stdout) as { replicas: readonly ReplicaState[] }).replicas;
  }

  /** The leader that most reachable replicas name. */
  async leader(): Promise<number> {
    const named = (await this.status()).flatMap(({ leader }) => (leader === null ? [] : [leader]));
    const votes = (id: number) => named.filter((other) => other === id).length;
    const leader = named.toSorted((a, b) => votes(b) - votes(a))[0];
    if (leader === undefined) throw new Error('no replica names a leader');
    return leader;
  }

  /** Waits until every replica is reachable and all are at one height with one state hash. */
  agreement(): Promise<ReplicaState> {
    return until('all replicas at one height with one state hash', async () => {
      const replicas = await this.status();
      const [first] = replicas;
      const same = replicas.every(
        ({ reachable, committedHeight, stateHash }) =>
          reachable && committedHeight === first?.committedHeight && stateHash === first?.stateHash,
      );
      return same && first !== undefined ? first : null;
    });
  }
}

/** One line of a results file. */
export interface ResultLine {
  readonly index: number;
  readonly command: string;
  readonly result?: string | null | { readonly error: string };
  /** Why a line was no command; it has no result then. */
  readonly error?: string;
  readonly height: number | null;
}

/** The results that a file holds so far; a line that is still being written is left out. */
export async function readResults(path: string): Promise<readonly ResultLine[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ResultLine);
}
