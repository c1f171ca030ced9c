import type { MessagePort } from 'node:worker_threads';
import type { Link, LinkMessage } from '../runtime/link.js';

/** A way to another thread through a message port. That the other thread has died is seen by the one that started it. */
export class PortLink implements Link {
  readonly thread: string;
  readonly #port: MessagePort;

  constructor(thread: string, port: MessagePort) {
    this.thread = thread;
    this.#port = port;
  }

  post(message: LinkMessage, transfer: readonly ArrayBuffer[]): void {
    this.#port.postMessage(message, transfer);
  }

  receive(onMessage: (message: LinkMessage) => void, onLost: (reason: unknown) => void): void {
    this.#port.on('messageerror', onLost);
    this.#port.on('message', onMessage);
  }

  async close(): Promise<void> {
    this.#port.close();
  }
}
