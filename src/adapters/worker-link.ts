import type { MessagePort, Worker } from 'node:worker_threads';
import type { Link, LinkMessage } from '../runtime/link.js';
import { PortLink } from './port-link.js';

/** The way to a thread that this one has started: it sees the thread die, and its end is the thread's. */
export class WorkerLink implements Link {
  readonly thread: string;
  readonly #worker: Worker;
  readonly #port: PortLink;
  #closed = false;
  #death: { readonly reason: unknown } | null = null;
  #onLost: ((reason: unknown) => void) | null = null;

  constructor(thread: string, worker: Worker, port: MessagePort) {
    this.thread = thread;
    this.#worker = worker;
    this.#port = new PortLink(thread, port);
    worker.on('error', (error) => this.#died(error));
    worker.on('exit', (code) => this.#died(new Error(`it ended with exit code ${code}`)));
  }

  post(message: LinkMessage, transfer: readonly ArrayBuffer[]): void {
    this.#port.post(message, transfer);
  }

  receive(onMessage: (message: LinkMessage) => void, onLost: (reason: unknown) => void): void {
    this.#onLost = onLost;
    this.#port.receive(onMessage, (reason) => this.#died(reason));
    if (this.#death !== null) onLost(this.#death.reason);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#port.close();
    await this.#worker.terminate();
  }

  /** The first reason counts: after an uncaught error the thread ends with a code that says nothing. */
  #died(reason: unknown): void {
    if (this.#closed || this.#death !== null) return;
    this.#death = { reason };
    this.#onLost?.(reason);
  }
}
