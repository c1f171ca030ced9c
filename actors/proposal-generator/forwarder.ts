import type { CommandBatch } from '../../src/wire/peer-messages.js';
import { type BatchBounds, BatchBuilder } from './batch-builder.js';
import { type PendingCommand, type Space, sizeOf } from './pending-command.js';

/**
 * Which accepted commands the present leader has been sent. At most as much is on the way to it as it keeps for one
 * peer; as commands are executed the next ones follow, so that an honest peer's commands are never turned away.
 */
export class Forwarder {
  readonly #space: Space;
  readonly #message: BatchBounds;
  readonly #unsent = new Set<PendingCommand>();
  readonly #sent = new Set<PendingCommand>();
  #sentBytes = 0;

  /** `space`: what a leader keeps for one peer. `message`: what one message to it may hold. */
  constructor(options: { space: Space; message: BatchBounds }) {
    this.#space = options.space;
    this.#message = options.message;
  }

  /** Starts again for another leader: `commands` are all to be sent, in that order. */
  retarget(commands: Iterable<PendingCommand>): void {
    this.#sent.clear();
    this.#sentBytes = 0;
    this.#unsent.clear();
    for (const pending of commands) this.#unsent.add(pending);
  }

  /** Puts a command in line; one that was sent is sent again, since its client asks after it. */
  offer(pending: PendingCommand): void {
    this.#take(pending);
    this.#unsent.add(pending);
  }

  /** Forgets a command that was executed or replaced. */
  settled(pending: PendingCommand): void {
    this.#unsent.delete(pending);
    this.#take(pending);
  }

  /** Whether {@link nextMessage} would give something. */
  get isDue(): boolean {
    if (this.#unsent.size === 0) return false;
    return this.#sent.size < this.#space.commands && this.#sentBytes < this.#space.bytes;
  }

  /** Takes the commands of the next message to the leader; null when there are none or the leader has no room. */
  nextMessage(): readonly CommandBatch[] | null {
    if (!this.isDue) return null;
    const room = { commands: this.#space.commands - this.#sent.size, bytes: this.#space.bytes - this.#sentBytes };
    const batch = new BatchBuilder({
      commands: Math.min(room.commands, this.#message.commands),
      bytes: Math.min(room.bytes, this.#message.bytes),
    });
    for (const pending of this.#unsent) {
      if (!batch.add(pending)) break;
      this.#unsent.delete(pending);
      this.#sent.add(pending);
      this.#sentBytes += sizeOf(pending.command);
    }
    return batch.commands === 0 ? null : batch.build();
  }

  #take(pending: PendingCommand): void {
    if (this.#sent.delete(pending)) this.#sentBytes -= sizeOf(pending.command);
  }
}
