import type { Bridge } from './bridge.js';
import type { LinkMessage } from './link.js';

/** One other thread, as those see it who ask it for something. */
export class OtherThread {
  readonly bridge: Bridge;
  readonly #asked = new Map<string, ((answer: LinkMessage | null) => void)[]>();
  #isLost = false;

  constructor(bridge: Bridge) {
    this.bridge = bridge;
  }

  holds(role: string): boolean {
    return this.bridge.remotes.some((remote) => remote.role === role);
  }

  tell(message: LinkMessage): void {
    if (!this.#isLost) this.bridge.link.post(message, []);
  }

  /** Resolves with the answer that goes by that name, or with null when the thread has died. */
  ask(question: LinkMessage, answer: string): Promise<LinkMessage | null> {
    if (this.#isLost) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#asked.set(answer, [...(this.#asked.get(answer) ?? []), resolve]);
      this.tell(question);
    });
  }

  /** Answers come in the order of the questions. */
  answered(name: string, answer: LinkMessage): void {
    this.#asked.get(name)?.shift()?.(answer);
  }

  lost(): void {
    this.#isLost = true;
    for (const waiting of this.#asked.values()) for (const resolve of waiting) resolve(null);
    this.#asked.clear();
  }

  async end(): Promise<void> {
    this.#isLost = true;
    await this.bridge.link.close();
  }
}
