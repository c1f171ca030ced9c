/**
 * What one peer was asked and has not answered. A fetch answer is the dearest message for its size, hundreds of headers to
 * decode and hash: one that nobody waits for is told by its token, before any of that.
 */
export type AnswerVerdict =
  /** To a request of ours, and the first one to it. */
  | 'asked'
  /** To none, as a correct replica may once send one: to a request of before our restart, which it was reading for. */
  | 'stale'
  /** To none again: no correct replica sends that. */
  | 'unasked';

/** The open requests to one peer, by token. They outlive connections: an answer may come over the next one. */
export class OpenRequests {
  readonly #max: number;
  readonly #tokens: number[] = [];
  #staleSeen = false;

  /** `max`: beyond, the oldest request is forgotten. A peer that is slow answers its newest request only. */
  constructor(max: number) {
    this.#max = max;
  }

  /** A request leaves. */
  asked(token: number): void {
    this.#tokens.push(token);
    if (this.#tokens.length > this.#max) this.#tokens.shift();
  }

  /** An answer has come; each request has one. */
  answered(token: number): AnswerVerdict {
    const index = this.#tokens.indexOf(token);
    if (index >= 0) {
      this.#tokens.splice(index, 1);
      return 'asked';
    }
    if (this.#staleSeen) return 'unasked';
    this.#staleSeen = true;
    return 'stale';
  }

  /** A new connection: what the peer was reading when the last one ended may still come. */
  reconnected(): void {
    this.#staleSeen = false;
  }
}
