import { OperationalError } from '../errors.js';
import type { Bridge } from './bridge.js';
import { errorData, errorFrom } from './crossing-error.js';
import type { InlineHost } from './inline-host.js';
import type { ActorCounters } from './inspection.js';
import type { FailureData, LinkMessage } from './link.js';
import { OtherThread } from './other-thread.js';
import type { ActorFailure } from './supervision.js';

type CountersByRole = Readonly<Record<string, ActorCounters>>;

/** What this thread does for the others when they ask. */
export interface OwnThread {
  readonly host: InlineHost;
  readonly counters: () => CountersByRole;
  /** Closes the port of a role of this thread; a second call gets the same promise. */
  readonly closePort: (role: string) => Promise<void>;
}

/** The other threads of one actor system: what is asked of them, what they ask, and what becomes of one that dies. */
export class OtherThreads {
  readonly #own: OwnThread;
  readonly #threads: OtherThread[] = [];

  constructor(own: OwnThread) {
    this.#own = own;
  }

  /** With `watch` the thread is asked to tell of all that happens there. */
  add(bridge: Bridge, { watch }: { readonly watch: boolean }): void {
    const thread = new OtherThread(bridge);
    this.#threads.push(thread);
    bridge.link.receive(
      (message) => this.#received(thread, message),
      (reason) => this.#lost(thread, reason),
    );
    if (watch) thread.tell({ type: 'watch' });
  }

  tellFailure(failure: ActorFailure): void {
    const data: FailureData = { ...failure, error: errorData(failure.error) };
    for (const thread of this.#threads) thread.tell({ type: 'failed', failure: data });
  }

  /** Resolves when on no thread anything is handled any more. */
  async halt(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.ask({ type: 'halt' }, 'halted')));
  }

  /** Closes the port of a role of another thread. Resolves too where that thread is dead, and its port with it. */
  async closePort(role: string): Promise<void> {
    const answer = await this.#holderOf(role)?.ask({ type: 'closePort', role }, `portClosed ${role}`);
    if (answer?.type === 'portClosed' && answer.error !== null) throw errorFrom(answer.error);
  }

  /** The counters of all their actors; those of a dead thread are missing. */
  async counters(): Promise<CountersByRole> {
    const answers = await Promise.all(
      this.#threads.map((thread) => thread.ask({ type: 'countersWanted' }, 'counters')),
    );
    return Object.assign({}, ...answers.map((answer) => (answer?.type === 'counters' ? answer.counters : {})));
  }

  /** Ends the ways to them, and the threads that this one has started; answers with what went wrong. */
  async end(): Promise<unknown[]> {
    const ended = await Promise.allSettled(this.#threads.map((thread) => thread.end()));
    return ended.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  }

  #holderOf(role: string): OtherThread | undefined {
    return this.#threads.find((thread) => thread.holds(role));
  }

  #received(thread: OtherThread, message: LinkMessage): void {
    const { host } = this.#own;
    switch (message.type) {
      case 'batch':
        return host.arrived(thread.bridge, message);
      case 'watch':
        thread.bridge.shown.wanted = true;
        return host.inspect((event) => thread.bridge.shown.show(event));
      case 'failed':
        return host.fail({ ...message.failure, error: errorFrom(message.failure.error) });
      case 'halt':
        host.halt();
        return thread.tell({ type: 'halted' });
      case 'closePort':
        return this.#closeOwnPort(thread, message.role);
      case 'countersWanted':
        return thread.tell({ type: 'counters', counters: this.#own.counters() });
      case 'portClosed':
        return thread.answered(`portClosed ${message.role}`, message);
      case 'halted':
      case 'counters':
        return thread.answered(message.type, message);
    }
  }

  #closeOwnPort(thread: OtherThread, role: string): void {
    this.#own.closePort(role).then(
      () => thread.tell({ type: 'portClosed', role, error: null }),
      (error: unknown) => thread.tell({ type: 'portClosed', role, error: errorData(error) }),
    );
  }

  #lost(thread: OtherThread, reason: unknown): void {
    thread.lost();
    const roles = thread.bridge.remotes.map(({ role }) => role).join(', ');
    const name = thread.bridge.link.thread;
    const error = new OperationalError('THREAD_DIED', `thread ${name} has died`, { thread: name, roles }, reason);
    this.#own.host.fail({ role: roles, error, messageType: '', lastMessages: [] });
  }
}
