/** The processes of a benchmark: started by fork, told what to do by one message, asked for their CPU time by others. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { threadCpu } from '../src/adapters/process-load.js';

/** What the benchmark's main process says to the others. */
export type ToChild<Job> =
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'usage' }
  /** The result so far is wanted. */
  | { readonly type: 'report' };

/** What they answer. */
export type FromChild<Result> =
  | { readonly type: 'ready' }
  | ({ readonly type: 'usage' } & Usage)
  /** The measured time begins. */
  | { readonly type: 'measuring' }
  | { readonly type: 'result'; readonly result: Result };

/** Where a replica stands; asked of its own process, since a status over the wire would have it hash its state. */
export interface Place {
  readonly height: number;
  readonly leader: number;
}

/** What a process has used since it began. */
export interface Usage extends Place {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Of its threads, by name; empty where the system does not tell. */
  readonly threadCpuSeconds: Readonly<Record<string, number>>;
}

const NOWHERE: Place = { height: 0, leader: 0 };

/** One process of a benchmark, seen from its parent. */
export class Child<Job, Result> {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #received: FromChild<Result>[] = [];
  #ended = false;
  #arrived: () => void = () => undefined;

  /** Starts `program`, a file beside this one or below, with a job. */
  constructor(name: string, program: string, job: Job) {
    this.#name = name;
    this.#process = fork(fileURLToPath(new URL(program, import.meta.url)), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process.on('message', (message: FromChild<Result>) => {
      this.#received.push(message);
      this.#arrived();
    });
    this.#process.once('exit', () => {
      this.#ended = true;
      this.#arrived();
    });
    this.#process.send({ type: 'job', job } satisfies ToChild<Job>);
  }

  /** Resolves with the next message of a type. Rejects when the process ends first. */
  async receive<Type extends FromChild<Result>['type']>(
    type: Type,
  ): Promise<Extract<FromChild<Result>, { readonly type: Type }>> {
    for (;;) {
      const index = this.#received.findIndex((message) => message.type === type);
      const found = this.#received[index];
      if (found !== undefined) {
        this.#received.splice(index, 1);
        return found as Extract<FromChild<Result>, { readonly type: Type }>;
      }
      if (this.#ended) throw new Error(`${this.#name} ended before it was ${type}`);
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  /** CPU time so far, memory now, and where it stands; zero for a process that has ended. */
  async usage(): Promise<Usage> {
    if (this.#ended) return { cpuSeconds: 0, rssBytes: 0, threadCpuSeconds: {}, ...NOWHERE };
    this.#process.send({ type: 'usage' } satisfies ToChild<Job>);
    return await this.receive('usage');
  }

  /** What it has taken down so far. */
  async report(): Promise<Result> {
    if (!this.#ended) this.#process.send({ type: 'report' } satisfies ToChild<Job>);
    return (await this.receive('result')).result;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Ends the process in order, or by force after a while. */
  async stop(): Promise<void> {
    if (this.#ended) return;
    const exited = once(this.#process, 'exit');
    const killer = setTimeout(() => this.kill(), 5000);
    this.#process.disconnect();
    await exited;
    clearTimeout(killer);
  }
}

/** What a child answers while it works. */
export interface ChildAnswers<Result> {
  readonly place?: () => Place;
  readonly report?: () => Result;
}

/**
 * The other side: calls `work` with the job, and answers questions about usage and its result so far meanwhile. When the
 * parent is gone, `stopping` is aborted, and the process ends once `work` has.
 */
export function workAsChild<Job, Result>(
  work: (job: Job, tell: (message: FromChild<Result>) => void, stopping: AbortSignal) => Promise<void>,
  { place = () => NOWHERE, report }: ChildAnswers<Result> = {},
): void {
  const stopping = new AbortController();
  const tell = (message: FromChild<Result>): void => {
    if (process.connected) process.send?.(message);
  };
  process.once('disconnect', () => stopping.abort());
  // Ctrl-C reaches the whole group: the parent ends its children in order.
  process.on('SIGINT', () => undefined);
  process.on('message', (message: ToChild<Job>) => {
    if (message.type === 'usage') {
      const { user, system } = process.cpuUsage();
      const cpuSeconds = (user + system) / 1e6;
      const rssBytes = process.memoryUsage.rss();
      tell({ type: 'usage', cpuSeconds, rssBytes, threadCpuSeconds: threadCpu(), ...place() });
      return;
    }
    if (message.type === 'report') {
      if (report !== undefined) tell({ type: 'result', result: report() });
      return;
    }
    work(message.job, tell, stopping.signal).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    });
  });
}
