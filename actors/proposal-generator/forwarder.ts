import type { CommandBatch } from '../../src/wire/peer-messages.js';
import { type BatchBounds, BatchBuilder } from './batch-builder.js';
import { type PendingCommand, type Space, sizeOf } from './pending-command.js';

/** One message's commands; `bytes` is of their encoding. */
export interface ForwardedCommands extends Space {
  readonly batches: readonly CommandBatch[];
}

/**
 * Which accepted commands the present leader has been sent. At most as much is on the way to it as it keeps for one
 * peer; as commands are executed the next ones follow, so that an honest peer's commands are never turned away.
 */
export class Forwarder {
  readonly #space: Space;
  readonly #message: BatchBounds;
  readonly #unsent = new Set<PendingCommand>();
  /** And when it was. */
  readonly #sent = new Map<PendingCommand, number>();
  readonly #againMs: number;
  #sentBytes = 0;

  /**
   * `space`: what may be under way to a leader. `message`: what one message to it may hold. `againMs`: how long a command
   * is not sent to it again.
   */
  constructor(options: { space: Space; message: BatchBounds; againMs: number }) {
    this.#space = options.space;
    this.#message = options.message;
    this.#againMs = options.againMs;
  }

  /** Starts again for another leader, or one that may have lost some: `commands` are all to be sent, in that order. */
  retarget(commands: Iterable<PendingCommand>): void {
    this.#sent.clear();
    this.#sentBytes = 0;
    this.#unsent.clear();
    for (const pending of commands) this.#unsent.add(pending);
  }

  /**
   * Puts a command in line. One that was sent is sent again, since its client asks after it and the leader may have had no
   * room; but not soon: asking costs a client little, and each sending costs the leader the same.
   */
  offer(pending: PendingCommand, now: number): void {
    const sentAt = this.#sent.get(pending);
    if (sentAt !== undefined && now - sentAt < this.#againMs) return;
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

  /** Takes at most `most` commands for the next message to the leader; null when there are none or no room. */
  nextMessage(now: number, most: number): ForwardedCommands | null {
    if (!this.isDue) return null;
    const room = { commands: this.#space.commands - this.#sent.size, bytes: this.#space.bytes - this.#sentBytes };
    const batch = new BatchBuilder({
      commands: Math.min(room.commands, this.#message.commands, most),
      bytes: Math.min(room.bytes, this.#message.bytes),
    });
    for (const pending of this.#unsent) {
      if (!batch.add(pending)) break;
      this.#unsent.delete(pending);
      this.#sent.set(pending, now);
      this.#sentBytes += sizeOf(pending.command);
    }
    const { commands, bytes } = batch;
    return commands === 0 ? null : { batches: batch.build(), commands, bytes };
  }

  #take(pending: PendingCommand): void {
    if (this.#sent.delete(pending)) this.#sentBytes -= sizeOf(pending.command);
  }
}
