/**
 * The replicas of a local cluster, an operating-system process each. A process that dies is started again; one that
 * refuses to start, or dies again and again before it is ready, is given up. They stop when this process ends, however it ends: the channel to it closes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { aborted, pause } from './lifecycle.js';
import { Failure } from './outcome.js';
import type { StartNews } from './start-news.js';

const PROGRAM = fileURLToPath(new URL('./hotstuff.js', import.meta.url));
const RESTART_PAUSE_MS = 250;
/** A replica that dies sooner after its start waits twice as long for the next one, up to 8 s. */
const QUICK_DEATH_MS = 10_000;
const QUICK_DEATHS_MAX = 5;
/** After so many deaths in a row before it was ready, a replica is given up. */
const UNREADY_DEATHS_MAX = 5;
/** After so many deaths the work on a start is no sign any more that the start will come to an end. */
const HOPEFUL_DEATHS_MAX = 5;
/** A replica that starts may take as long as it works; after this long without a sign of that, it hangs. */
const SILENCE_MS = 60_000;
/** After this long the user is told what the start waits for. */
const LONG_START_MS = 10_000;
/** A replica that is to stop gets this long before it is killed. */
const STOP_MS = 4000;
/** What is left, then, of the time in which this process itself must end. */
const AFTER_STOP_MS = 400;

/** Which replicas are run, and who is told of them. */
export interface ReplicaProcessesOptions {
  readonly dir: string;
  readonly replicas: number;
  /** The port for metrics and health of the first replica, the next ones follow; by default there are none. */
  readonly http?: number | null;
  /** Where the actors of each replica run, as its flag says it; by default the program's own. */
  readonly placement?: string;
  /** Prints one line for the user. */
  readonly warn: (line: string) => void;
  /** Told of each replica that is given up once all have started. */
  readonly onGivenUp?: () => void;
  /** What is run with `start`; by default this program. */
  readonly program?: string;
  /** In place of {@link SILENCE_MS}. */
  readonly silenceMs?: number;
  /** In place of {@link LONG_START_MS}. */
  readonly longStartMs?: number;
}

/** A replica that is not started again. */
export interface GivenUp {
  readonly id: number;
  /** `replica 2 did not start: …`. */
  readonly why: string;
}

interface Supervised {
  readonly id: number;
  child: ChildProcess | null;
  ready: boolean;
  /** When it last showed that it works on its start. */
  workedAt: number;
  deaths: number;
  /** The end of its supervision. */
  done: Promise<void>;
}

/** Starts the processes, starts dead ones again, and stops them all. */
export class ReplicaProcesses {
  readonly #options: ReplicaProcessesOptions;
  readonly #stop = new AbortController();
  readonly #replicas: readonly Supervised[];
  #refused: ((error: Failure) => void) | null = null;
  readonly #givenUp: GivenUp[] = [];

  constructor(options: ReplicaProcessesOptions) {
    this.#options = options;
    this.#replicas = Array.from({ length: options.replicas }, (_, id) => ({
      id,
      child: null,
      ready: false,
      workedAt: 0,
      deaths: 0,
      done: Promise.resolve(),
    }));
  }

  /**
   * Starts all; resolves when all are ready, or `stopping` is aborted. Rejects when one refuses to start, or hangs; the
   * others go on until {@link stop}.
   */
  async start(stopping: AbortSignal): Promise<void> {
    const refused = new Promise<never>((_, reject) => {
      this.#refused = reject;
    });
    const readies = this.#replicas.map(
      (replica) =>
        new Promise<void>((resolve) => {
          replica.done = this.#supervise(replica, resolve);
        }),
    );
    const { silenceMs = SILENCE_MS, longStartMs = LONG_START_MS } = this.#options;
    const watch = setInterval(() => this.#refuseSilence(silenceMs), silenceMs / 10);
    const tell = setTimeout(() => this.#tellWhoIsAwaited(), longStartMs);
    try {
      await Promise.race([Promise.all(readies), refused, aborted(stopping)]);
    } finally {
      this.#refused = null;
      clearInterval(watch);
      clearTimeout(tell);
    }
  }

  #refuseSilence(silenceMs: number): void {
    const hanging = this.#starting().find(({ workedAt }) => performance.now() - workedAt > silenceMs);
    if (hanging === undefined) return;
    this.#refused?.(new Failure(`replica ${hanging.id} hangs: it is not ready and does nothing`));
  }

  #tellWhoIsAwaited(): void {
    const ids = this.#starting().map(({ id }) => id);
    this.#options.warn(`waiting for replica ${ids.join(', ')} to be ready; one with a long log reads it first`);
  }

  #starting(): readonly Supervised[] {
    return this.#replicas.filter(({ ready }) => !ready);
  }

  /** Stops all in order, and kills those that do not stop in time, which is less than `timeLeftMs` in any case. */
  async stop(timeLeftMs: number): Promise<void> {
    this.#stop.abort();
    for (const { child } of this.#replicas) child?.kill('SIGTERM');
    const killer = setTimeout(
      () => {
        for (const { child } of this.#replicas) child?.kill('SIGKILL');
      },
      Math.min(STOP_MS, timeLeftMs - AFTER_STOP_MS),
    );
    await Promise.all(this.#replicas.map(({ done }) => done));
    clearTimeout(killer);
  }

  /** The process of each running replica, by its id. */
  pids(): readonly (number | null)[] {
    return this.#replicas.map(({ child }) => child?.pid ?? null);
  }

  /** The replicas that are not started again, in the order in which they were given up. */
  givenUp(): readonly GivenUp[] {
    return this.#givenUp;
  }

  /** When a replica that starts again last showed that it gets on with that; 0 where none does. */
  workedAt(): number {
    const hopeful = this.#starting().filter(({ deaths }) => deaths <= HOPEFUL_DEATHS_MAX);
    return Math.max(0, ...hopeful.map(({ workedAt }) => workedAt));
  }

  async #supervise(replica: Supervised, onReady: () => void): Promise<void> {
    let quickDeaths = 0;
    let unreadyDeaths = 0;
    while (!this.#stop.signal.aborted) {
      const startedAt = performance.now();
      const ending = await this.#runOnce(replica, onReady);
      if (this.#stop.signal.aborted) return;
      unreadyDeaths = replica.ready ? 0 : unreadyDeaths + 1;
      if (!replica.ready && (ending.code !== null || unreadyDeaths === UNREADY_DEATHS_MAX)) {
        return this.#giveUp(replica, ending);
      }
      const how = ending.signal ?? `exit code ${ending.code}`;
      this.#options.warn(`replica ${replica.id} died (${how}); starting it again`);
      replica.deaths += 1;
      replica.ready = false;
      quickDeaths = performance.now() - startedAt < QUICK_DEATH_MS ? Math.min(quickDeaths + 1, QUICK_DEATHS_MAX) : 0;
      await pause(RESTART_PAUSE_MS * 2 ** quickDeaths, this.#stop.signal);
    }
  }

  #giveUp({ id }: Supervised, { signal, lastLine }: Ending): void {
    const how = signal === null ? lastLine : `it died ${UNREADY_DEATHS_MAX} times before it was ready (${signal})`;
    const why = `replica ${id} did not start${how === null ? '' : `: ${how}`}`;
    this.#givenUp.push({ id, why });
    if (this.#refused !== null) return this.#refused(new Failure(why));
    this.#options.warn(`${why}; it is not started again`);
    this.#options.onGivenUp?.();
  }

  #runOnce(replica: Supervised, onReady: () => void): Promise<Ending> {
    const { dir, http = null, placement, warn, program = PROGRAM } = this.#options;
    const shown = http === null ? [] : ['--http', `${http + replica.id}`];
    const placed = placement === undefined ? [] : ['--placement', placement];
    const args = ['start', '--dir', dir, '--replica', `${replica.id}`, '--json', ...shown, ...placed];
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Ctrl-C at a terminal goes to this process alone, which then stops the replicas in order.
      detached: true,
    });
    replica.child = child;
    replica.ready = false;
    replica.workedAt = performance.now();
    let lastLine: string | null = null;
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        if (!CRASH_REST.test(line)) lastLine = line.replace(/^hotstuff: /, '');
        if (replica.ready) warn(`replica ${replica.id}: ${line}`);
      });
    }
    child.on('message', ({ news }: StartNews) => {
      replica.workedAt = performance.now();
      if (news !== 'ready') return;
      replica.ready = true;
      onReady();
    });
    return new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: 1, signal: null, lastLine: error.message }));
      child.once('close', (code, signal) => {
        replica.child = null;
        resolve({ code, signal, lastLine });
      });
    });
  }
}

/** What Node prints behind the line that names an error which nobody has caught: its stack, its fields, the version, nothing. */
const CRASH_REST = /^(\s.*|[{}\]]*|Node\.js v.*|Emitted '.*' event .*|\(Use `node --trace.*)$/;

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line of its standard error that says something. */
  readonly lastLine: string | null;
}
