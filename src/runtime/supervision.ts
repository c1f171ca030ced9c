/** How many message types an actor remembers for its failure report. */
const REMEMBERED = 8;

/** What is told when an actor or its port threw: a bug. Nothing was handled after it. */
export interface ActorFailure {
  readonly role: string;
  readonly error: unknown;
  /** The message that was being handled, or whose effects were being performed. */
  readonly messageType: string;
  /** The types of the last messages that the actor saw, oldest first, `messageType` being the last. */
  readonly lastMessages: readonly string[];
}

/** The types of the last few messages that an actor saw. */
export class RecentMessages {
  readonly #types: string[] = [];
  #next = 0;

  saw(type: string): void {
    this.#types[this.#next] = type;
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  /** Oldest first. */
  list(): readonly string[] {
    const oldest = this.#types.length < REMEMBERED ? 0 : this.#next;
    return [...this.#types.slice(oldest), ...this.#types.slice(0, oldest)];
  }

  /** The newest, or an empty string before the first message. */
  get last(): string {
    return this.#types[(this.#next + REMEMBERED - 1) % REMEMBERED] ?? '';
  }
}
