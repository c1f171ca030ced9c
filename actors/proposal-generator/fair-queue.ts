import { invariant } from '../../src/errors.js';
import type { ClientId } from '../../src/protocol/numbers.js';
import { ClientQueue } from './client-queue.js';
import { type PendingCommand, type Space, sizeOf } from './pending-command.js';

/** What a turn of one client came to. */
export interface Served extends Space {
  /** A command did not fit any more. */
  readonly refused: boolean;
}

/** The clients of one address that have commands waiting, in the order in which they are served. */
type Round = Map<ClientId, ClientQueue>;

/**
 * The waiting commands of one source. The addresses that they came from are served in turn, and the clients of each: a
 * client id is free to invent, so that who brings many has one turn for all of them. It holds nothing of clients with none.
 */
export class FairQueue {
  /** In the order in which they are served. */
  readonly #addresses = new Map<string, Round>();

  get isEmpty(): boolean {
    return this.#addresses.size === 0;
  }

  /** Takes in a command that waits. */
  add(pending: PendingCommand): void {
    const { address, client } = pending;
    const round = this.#addresses.get(address) ?? new Map<ClientId, ClientQueue>();
    const queue = round.get(client) ?? new ClientQueue();
    queue.add(pending);
    if (queue.waiting === 1) round.set(client, queue);
    if (round.size === 1) this.#addresses.set(address, round);
  }

  /** Notes that a command which waited no longer does; its own marks say so already. */
  left({ address, client }: PendingCommand): void {
    const round = this.#addresses.get(address);
    const queue = round?.get(client);
    invariant(round !== undefined && queue !== undefined, 'a waiting command stands in its client’s queue');
    queue.left();
    if (queue.waiting > 0) return;
    round.delete(client);
    if (round.size === 0) this.#addresses.delete(address);
  }

  /**
   * Serves the next client of the next address: hands its commands to `take`, lowest sequence first, until `quantum` is
   * used up; the last one may exceed its bytes. `take` says whether it took the command, and has called {@link left} for it
   * then. A client that was refused its first command stays the next; any other waits for the others' turns.
   */
  serve(quantum: Space, take: (pending: PendingCommand) => boolean): Served {
    const served = { commands: 0, bytes: 0, refused: false };
    const next = this.#addresses.entries().next();
    if (next.done === true) return served;
    const [address, round] = next.value;
    const [client, queue] = round.entries().next().value as [ClientId, ClientQueue];
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
    if (served.commands === 0) return served;
    if (queue.waiting > 0) toTheEnd(round, client, queue);
    if (round.size > 0) toTheEnd(this.#addresses, address, round);
    return served;
  }
}

/** Maps keep the order of insertion. */
function toTheEnd<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.delete(key);
  map.set(key, value);
}
