import { isWaiting, type PendingCommand } from './pending-command.js';

/** Gaps, and places already served, that a queue keeps without looking at how many there are. */
const GAPS_KEPT = 64;

/**
 * The commands of one client from one source, lowest sequence first: commands of an abandoned block come back in front
 * of those that came after them. Commands that another block took leave gaps, which are skipped and now and then swept.
 */
export class ClientQueue {
  #items: PendingCommand[] = [];
  #head = 0;
  #inOrder = true;
  #waiting = 0;

  /** How many commands wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Takes in a command that waits. */
  add(pending: PendingCommand): void {
    this.#waiting += 1;
    if (pending.listed) return;
    const last = this.#items.at(-1);
    if (last !== undefined && last.command.sequence > pending.command.sequence) this.#inOrder = false;
    pending.listed = true;
    this.#items.push(pending);
  }

  /** Notes that a command which waited no longer does; its own marks say so already. */
  left(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0 || this.#items.length > 2 * this.#waiting + GAPS_KEPT) this.#sweep();
  }

  /** The waiting command with the lowest sequence; undefined when none waits. */
  first(): PendingCommand | undefined {
    if (!this.#inOrder) this.#sort();
    for (; this.#head < this.#items.length; this.#head += 1) {
      const pending = this.#items[this.#head] as PendingCommand;
      if (isWaiting(pending)) return pending;
      pending.listed = false;
    }
    return undefined;
  }

  #sort(): void {
    this.#sweep();
    this.#items.sort((a, b) => a.command.sequence - b.command.sequence);
    this.#inOrder = true;
  }

  #sweep(): void {
    const kept: PendingCommand[] = [];
    for (let index = this.#head; index < this.#items.length; index += 1) {
      const pending = this.#items[index] as PendingCommand;
      pending.listed = isWaiting(pending);
      if (pending.listed) kept.push(pending);
    }
    this.#items = kept;
    this.#head = 0;
  }
}
