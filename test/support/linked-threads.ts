import type { Link, LinkMessage } from '../../src/runtime/link.js';
import { crossingCounter } from './host-runs.js';

/** One end of a way between two hosts on one thread. What is posted is cloned at once, as a real border does it. */
export class TestLink implements Link {
  readonly thread: string;
  /** Messages that came, and wait for their turn. */
  readonly inbox: LinkMessage[] = [];
  /** All that was posted here, for tests that look at the way itself. */
  readonly posted: LinkMessage[] = [];
  closed = false;
  other: TestLink | null = null;
  readonly #countCrossed = crossingCounter();
  readonly #schedule: (run: () => void) => void;
  #onMessage: (message: LinkMessage) => void = () => undefined;
  #onLost: (reason: unknown) => void = () => undefined;

  constructor(thread: string, schedule: (run: () => void) => void) {
    this.thread = thread;
    this.#schedule = schedule;
  }

  post(message: LinkMessage, transfer: readonly ArrayBuffer[]): void {
    const crossed = structuredClone(message, { transfer: [...transfer] });
    this.posted.push(crossed);
    if (crossed !== message) this.#countCrossed(messagesIn(crossed));
    const { other } = this;
    if (other === null || other.closed) return;
    other.inbox.push(crossed);
    this.#schedule(() => other.deliverNext());
  }

  receive(onMessage: (message: LinkMessage) => void, onLost: (reason: unknown) => void): void {
    this.#onMessage = onMessage;
    this.#onLost = onLost;
  }

  /** Hands over the message that came first; false when there is none. */
  deliverNext(): boolean {
    const message = this.inbox.shift();
    if (message !== undefined) this.#onMessage(message);
    return message !== undefined;
  }

  /** The thread at the other end dies: what it had posted may be lost, and nothing reaches it. */
  lose(reason: unknown): void {
    this.inbox.length = 0;
    if (this.other !== null) this.other.closed = true;
    this.#onLost(reason);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Both ends of a new way, each named by the thread that it leads to. */
export function linkPair(schedule: (run: () => void) => void, first: string, second: string): [TestLink, TestLink] {
  const toSecond = new TestLink(second, schedule);
  const toFirst = new TestLink(first, schedule);
  toSecond.other = toFirst;
  toFirst.other = toSecond;
  return [toSecond, toFirst];
}

function messagesIn(crossed: LinkMessage): number {
  return crossed.type === 'batch' ? crossed.parcels.reduce((sum, { messages }) => sum + messages.length, 0) : 0;
}
