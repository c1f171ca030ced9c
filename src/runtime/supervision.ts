import type { Message } from './behaviour.js';
import type { Lane } from './lane.js';
import { summaryOf } from './message-summary.js';

/** How many messages an actor remembers for its failure report. */
const REMEMBERED = 8;

/** What is told when an actor or its port threw: a bug. Nothing was handled after it. */
export interface ActorFailure {
  readonly role: string;
  readonly error: unknown;
  /** The message that was being handled, or whose effects were being performed. */
  readonly messageType: string;
  /** The last messages that the actor saw, a line each as `summaryOf` says them, oldest first. Of the bulk lane's the newest only. */
  readonly lastMessages: readonly string[];
}

/** The last few messages that an actor saw. */
export class RecentMessages {
  /** As they came, or their types. */
  readonly #seen: (Message | string)[] = [];
  #next = 0;
  #lastType = '';
  #lastIsBulk = false;

  /**
   * Takes note of a message; it is put into words when somebody asks. Those of the bulk lane may hold whole blocks: of them
   * only the type is kept once another message has come.
   */
  saw(message: Message, lane: Lane | null): void {
    if (this.#lastIsBulk) this.#seen[(this.#next + REMEMBERED - 1) % REMEMBERED] = this.#lastType;
    this.#seen[this.#next] = message;
    this.#next = (this.#next + 1) % REMEMBERED;
    this.#lastType = message.type;
    this.#lastIsBulk = lane === 'bulk';
  }

  /** A line each, oldest first; of messages of the bulk lane that others came after, the type. */
  list(): readonly string[] {
    const oldest = this.#seen.length < REMEMBERED ? 0 : this.#next;
    const inOrder = [...this.#seen.slice(oldest), ...this.#seen.slice(0, oldest)];
    return inOrder.map((seen) => (typeof seen === 'string' ? seen : summaryOf(seen)));
  }

  /** The type of the newest, or an empty string before the first message. */
  get last(): string {
    return this.#lastType;
  }
}
