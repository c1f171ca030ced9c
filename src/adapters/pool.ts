import { Piscina } from 'piscina';
import { limits } from '../config/limits.js';
import { ConfigurationError, OperationalError } from '../errors.js';
import type { PoolCounters } from '../pool-counters.js';
import type { TaskResult, Tasks } from '../runtime/behaviour.js';
import type { TaskPool } from '../runtime/offloads.js';
import { scheduleTurn } from './turn-scheduler.js';

/** What `createPool` takes. */
export interface PoolOptions<T extends Tasks> {
  /** The module of the threads, with an export for each task that answers with a {@link TaskResult}. */
  readonly worker: URL;
  /** The same tasks on this thread: what is done when the threads have too much to do. */
  readonly local: { readonly [Task in keyof T & string]: (input: T[Task]['input']) => T[Task]['output'] };
  /** Threads at most, 1 to 1024. */
  readonly threadsMax: number;
  /** Threads that stay when there is nothing to do, 1 at least, since one takes tens of milliseconds to start. Default 1. */
  readonly threadsMin?: number;
  /** Tasks that may wait for a thread. Default: eight for each. */
  readonly queueMax?: number;
  /** Milliseconds without a task after which a thread beyond `threadsMin` ends. Default 10,000. */
  readonly idleTimeoutMs?: number;
  /** Told when a thread has died with a task, or before it could do any; the pool goes on. */
  readonly onFailure?: (error: OperationalError) => void;
}

/** Threads for tasks, on piscina. The owner closes it. */
export interface Pool<T extends Tasks> extends TaskPool<T> {
  /** What it did so far; changes nothing. */
  counters(): PoolCounters;
  /** Lets what is under way come to its end, then ends the threads. What is asked for later is done inline. */
  close(): Promise<void>;
}

/**
 * Makes a pool, whose threads start with the first task. A task whose thread dies is answered with `ok: false` and the code of the error that `onFailure` gets.
 * @throws ConfigurationError for a number of threads or a queue that cannot be.
 */
export function createPool<T extends Tasks>(options: PoolOptions<T>): Pool<T> {
  return new PiscinaPool(options);
}

type Settle = (result: TaskResult<object>) => void;

class PiscinaPool<T extends Tasks> implements Pool<T> {
  readonly #options: PoolOptions<T>;
  /** Null until the first task: a process that never has one starts no thread. */
  #piscina: Piscina | null = null;
  readonly #pendingMax: number;
  /** How each task that waits or runs is answered. */
  readonly #pending = new Set<Settle>();
  readonly #counts = { submitted: 0, completed: 0, failed: 0, inline: 0 };
  /** No thread can do anything: it could not start, or the pool is closed. */
  #threadless = false;
  #drained: (() => void) | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: PoolOptions<T>) {
    const { threadsMax, threadsMin = 1, queueMax = 8 * threadsMax } = options;
    checkRange('threads', threadsMax, 1, limits.poolThreads);
    checkRange('threads that stay', threadsMin, 1, threadsMax);
    checkRange('tasks that wait', queueMax, 0, Number.MAX_SAFE_INTEGER);
    this.#options = options;
    this.#pendingMax = threadsMax + queueMax;
  }

  run<Task extends keyof T & string>(
    task: Task,
    input: T[Task]['input'],
    transfer: readonly ArrayBuffer[],
    done: (result: TaskResult<T[Task]['output']>) => void,
  ): void {
    // Asked before anything is transferred: what has left cannot be done here any more.
    if (this.#threadless || this.#pending.size >= this.#pendingMax) {
      this.#counts.inline += 1;
      const result = { ok: true, ...this.#options.local[task](input) } as const;
      scheduleTurn(() => done(result));
      return;
    }
    this.#counts.submitted += 1;
    const settle: Settle = (result) => {
      if (!this.#pending.delete(settle)) return;
      this.#counts[result.ok ? 'completed' : 'failed'] += 1;
      done(result as TaskResult<T[Task]['output']>);
      if (this.#pending.size === 0) this.#drained?.();
    };
    this.#pending.add(settle);
    this.#piscina ??= this.#start();
    this.#piscina.run(input, { name: task, transferList: [...transfer] }).then(settle, (error: unknown) => {
      settle({ ok: false, code: this.#threadDied(error, task).code });
    });
  }

  counters(): PoolCounters {
    const { threadsMax } = this.#options;
    return { threads: this.#piscina?.threads.length ?? 0, threadsMax, ...this.#counts, pending: this.#pending.size };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#threadless = true;
    if (this.#pending.size > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    await this.#piscina?.destroy();
  }

  #start(): Piscina {
    const { worker, threadsMax, threadsMin = 1, idleTimeoutMs = 10_000 } = this.#options;
    const piscina = new Piscina({
      filename: worker.href,
      minThreads: threadsMin,
      maxThreads: threadsMax,
      idleTimeout: idleTimeoutMs,
      recordTiming: false,
    });
    // A thread that dies without a task; and one that cannot start, after which piscina starts no other.
    piscina.on('error', (error) => this.#threadDied(error));
    piscina.on('workerDestroy', () => queueMicrotask(() => this.#checkThreads()));
    return piscina;
  }

  #threadDied(cause: unknown, task: string | null = null): OperationalError {
    const doing = task === null ? 'before it was given a task' : `with a task ${task}`;
    const error = new OperationalError('POOL_THREAD_DIED', `a thread of the pool has died ${doing}`, { task }, cause);
    this.#options.onFailure?.(error);
    return error;
  }

  /** With no thread left although some are to stay, none can be started: what waits would wait for ever. */
  #checkThreads(): void {
    if (this.#threadless || this.#piscina === null || this.#piscina.threads.length > 0) return;
    this.#threadless = true;
    for (const settle of [...this.#pending]) settle({ ok: false, code: 'POOL_THREAD_DIED' });
  }
}

function checkRange(what: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  const message = `the pool's number of ${what} is ${value}; it must be a whole number from ${min} to ${max}`;
  throw new ConfigurationError('POOL_SIZE', message, { value, min, max });
}
