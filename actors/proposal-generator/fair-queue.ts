import { invariant } from '../../src/errors.js';
import type { ClientId } from '../../src/protocol/numbers.js';
import { ClientQueue } from './client-queue.js';
import { type PendingCommand, type Space, sizeOf } from './pending-command.js';

/** What a turn of one client came to. */
export interface Served extends Space {
  /** A command did not fit any more. */
  readonly refused: boolean;
}

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
   * Serves the next client: hands its commands to `take`, lowest sequence first, until `quantum` is used up; the last one
   * may exceed its bytes. `take` says whether it took the command, and has called {@link left} for it then. A client
   * that was refused its first command stays the next; any other waits for the others' turns.
   */
  serve(quantum: Space, take: (pending: PendingCommand) => boolean): Served {
    const served = { commands: 0, bytes: 0, refused: false };
    const next = this.#round.entries().next();
    if (next.done === true) return served;
    const [client, queue] = next.value;
    while (served.commands < quantum.commands && served.bytes < quantum.bytes) {
      const pending = queue.first();
      if (pending === undefined) break;
      if (!take(pending)) {
        served.refused = true;
        break;
      }
      served.commands += 1;
      served.bytes += sizeOf(pending.command);
    }
    if (queue.waiting > 0 && served.commands > 0) {
      this.#round.delete(client);
      this.#round.set(client, queue);
    }
    return served;
  }
}
