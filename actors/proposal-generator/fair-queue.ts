import { invariant } from '../../src/errors.js';
import type { ClientId } from '../../src/protocol/numbers.js';
import { ClientQueue } from './client-queue.js';
import type { PendingCommand } from './pending-command.js';

/** The waiting commands of one source, its clients served in turn. It holds nothing of clients with none. */
export class FairQueue {
  /** In the order in which they are served. */
  readonly #round = new Map<ClientId, ClientQueue>();

  get isEmpty(): boolean {
    return this.#round.size === 0;
  }

  /** Takes in a command that waits. */
  add(pending: PendingCommand): void {
    let queue = this.#round.get(pending.client);
    if (queue === undefined) {
      queue = new ClientQueue();
      this.#round.set(pending.client, queue);
    }
    queue.add(pending);
  }

  /** Notes that a command which waited no longer does; its own marks say so already. */
  left(pending: PendingCommand): void {
    const queue = this.#round.get(pending.client);
    invariant(queue !== undefined, 'a waiting command stands in its client’s queue');
    queue.left();
    if (queue.waiting === 0) this.#round.delete(pending.client);
  }

  /**
   * Serves the next client: hands its commands to `take`, lowest sequence first and at most `quantum` of them. `take`
   * says whether it took the command, and has called {@link left} for it then. A client that was refused stays the next.
   * Returns false when a command was refused.
   */
  serve(quantum: number, take: (pending: PendingCommand) => boolean): boolean {
    const next = this.#round.entries().next();
    if (next.done === true) return true;
    const [client, queue] = next.value;
    for (let taken = 0; taken < quantum; taken += 1) {
      const pending = queue.first();
      if (pending === undefined) return true;
      if (!take(pending)) return false;
    }
    if (queue.waiting > 0) {
      this.#round.delete(client);
      this.#round.set(client, queue);
    }
    return true;
  }
}
