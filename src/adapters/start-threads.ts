import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { inWords } from '../config/check-options.js';
import { ConfigurationError } from '../errors.js';
import { errorFrom } from '../runtime/crossing-error.js';
import type { Link } from '../runtime/link.js';
import { readCpuOf, readLoadOf } from './process-load.js';
import { MAIN_THREAD, type WorkerBirth, type WorkerNews } from './thread-module.js';
import type { ThreadPort } from './thread-port.js';
import { WorkerLink } from './worker-link.js';

/** One thread to start. */
export interface ThreadPlan {
  /** How errors and metrics call it; no other thread of the system is called so. */
  readonly name: string;
  /** A module that exports {@link ThreadModule}. */
  readonly module: URL;
  /** Handed to the module as a copy. */
  readonly data: unknown;
  /** Handed over, by name: nobody else uses them from then on. */
  readonly ports?: Readonly<Record<string, ThreadPort>>;
}

type PortsByThread = Map<string, { readonly thread: string; readonly port: MessagePort }[]>;

/**
 * Starts worker threads, each linked to every other and to this one, and resolves with the links to them, in the order of
 * the plans, once the share of each runs. A link that is closed ends its thread. When one cannot start, or `signal` is
 * aborted, all end again.
 * @throws what the module of a thread threw, with its name, code and facts; or why the thread died; ConfigurationError
 * for a name that cannot be and for data that cannot be cloned; the reason of `signal`.
 */
export async function startThreads(
  plans: readonly ThreadPlan[],
  signal?: AbortSignal | null,
): Promise<readonly Link[]> {
  checkNames(plans);
  for (const plan of plans) checkData(plan);
  const ports = linkAll([MAIN_THREAD, ...plans.map(({ name }) => name)]);
  const started = plans.map((plan) => startThread(plan, ports));
  try {
    await unlessAborted(Promise.all(started.map(({ running }) => running)), signal);
  } catch (error) {
    await Promise.all(started.map(({ link }) => link.close()));
    throw error;
  }
  return started.map(({ link }) => link);
}

/** Rejects when `signal` is aborted first. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | null | undefined): Promise<Result> {
  if (signal === undefined || signal === null) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function checkNames(plans: readonly ThreadPlan[]): void {
  const taken = new Set<unknown>([MAIN_THREAD]);
  for (const { name } of plans) {
    const isFree = typeof name === 'string' && name !== '' && !taken.has(name);
    taken.add(name);
    if (isFree) continue;
    const right = `a text that no other thread of the system has; the calling one is '${MAIN_THREAD}'`;
    const message = `the name of a thread is ${inWords(name)}; it must be ${right}`;
    throw new ConfigurationError('THREAD_NAME', message, { thread: inWords(name) });
  }
}

function checkData({ name, data }: ThreadPlan): void {
  try {
    structuredClone(data);
  } catch (error) {
    const message = `what thread ${name} is given cannot be cloned to it: ${String(error)}`;
    throw new ConfigurationError('THREAD_DATA', message, { thread: name });
  }
}

/** A channel for each pair of threads: by thread, its ports, each with the name of the thread that it leads to. */
function linkAll(threads: readonly string[]): PortsByThread {
  const ports: PortsByThread = new Map(threads.map((thread) => [thread, []]));
  for (const [index, one] of threads.entries()) {
    for (const other of threads.slice(index + 1)) {
      const { port1, port2 } = new MessageChannel();
      ports.get(one)?.push({ thread: other, port: port1 });
      ports.get(other)?.push({ thread: one, port: port2 });
    }
  }
  return ports;
}

function startThread({ name, module, data, ports = {} }: ThreadPlan, portsByThread: PortsByThread) {
  const links = portsByThread.get(name) ?? [];
  const ownPort = portsByThread.get(MAIN_THREAD)?.find(({ thread }) => thread === name)?.port as MessagePort;
  const birth: WorkerBirth = { name, module: module.href, data, links, ports };
  const worker = new Worker(new URL('./thread-worker.js', import.meta.url), {
    name,
    workerData: birth,
    transferList: [...links.map(({ port }) => port), ...Object.values(ports)],
  });
  readLoadOf(name, worker);
  const link = new WorkerLink(name, worker, ownPort);
  return { link, running: whenRunning(worker) };
}

function whenRunning(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', (news: WorkerNews) => {
      if (!news.ok) return reject(errorFrom(news.error));
      if (news.taskId !== null) readCpuOf(worker, news.taskId);
      resolve();
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread ended with exit code ${code} before it ran`)));
  });
}
