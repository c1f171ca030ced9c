import type { Space } from './pending-command.js';

/** What may be forwarded in one window; the last message of it may exceed the bytes. */
export interface ForwardWindow extends Space {
  readonly messages: number;
}

/**
 * How fast this replica forwards. Its leader reads the messages of a peer at a bounded pace and pauses the socket of who
 * exceeds it; what clients send must never bring that about, since this replica's votes go the same way.
 */
export class ForwardPace {
  readonly #window: ForwardWindow;
  readonly #windowMs: number;
  #endsAt = Number.NEGATIVE_INFINITY;
  #left: ForwardWindow;

  constructor({ window, windowMs }: { window: ForwardWindow; windowMs: number }) {
    this.#window = window;
    this.#windowMs = windowMs;
    this.#left = window;
  }

  /** How many more commands the next message may hold. */
  get left(): number {
    return this.#left.commands;
  }

  /** Milliseconds until a message may go; 0 when one may now. */
  delayMs(now: number): number {
    if (now >= this.#endsAt) {
      this.#endsAt = now + this.#windowMs;
      this.#left = this.#window;
    }
    const { messages, commands, bytes } = this.#left;
    return messages > 0 && commands > 0 && bytes > 0 ? 0 : this.#endsAt - now;
  }

  /** Charges a message that goes now. */
  sent({ commands, bytes }: Space): void {
    const { messages, commands: commandsLeft, bytes: bytesLeft } = this.#left;
    this.#left = { messages: messages - 1, commands: commandsLeft - commands, bytes: bytesLeft - bytes };
  }
}
