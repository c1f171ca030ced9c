import type { MessagePort } from 'node:worker_threads';
import type { ErrorData } from '../runtime/crossing-error.js';
import type { Link } from '../runtime/link.js';
import type { ThreadPort } from './thread-port.js';

/** The name of the thread that starts the others. */
export const MAIN_THREAD = 'main';

/** What a thread is given: ways to all others of its system, by name, and what its starter has for it, as a copy. */
export interface ThreadContext {
  readonly name: string;
  readonly links: ReadonlyMap<string, Link>;
  readonly data: unknown;
  /** What its starter has handed to it besides, by name: it alone holds them. */
  readonly ports: Readonly<Record<string, ThreadPort>>;
}

/** What the module of a thread exports. */
export interface ThreadModule {
  /** Makes the thread's share of the actor system, connects it to every link, and starts it; what it throws stops the start. */
  readonly runThread: (context: ThreadContext) => void | Promise<void>;
}

/** What is handed to a fresh worker. */
export interface WorkerBirth {
  readonly name: string;
  readonly module: string;
  readonly data: unknown;
  readonly links: readonly { readonly thread: string; readonly port: MessagePort }[];
  readonly ports: Readonly<Record<string, ThreadPort>>;
}

/** How a worker tells whether its share runs; and the number of its thread, where the system tells it. */
export type WorkerNews =
  | { readonly ok: true; readonly taskId: number | null }
  | { readonly ok: false; readonly error: ErrorData };
