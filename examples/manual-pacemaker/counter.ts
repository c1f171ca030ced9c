import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { CommandMachine } from 'hotstuff';

/** Counts its commands, whatever they say; the reply is the count, in decimal digits. */
export class Counter implements CommandMachine {
  readonly name = 'counter';
  #count = 0;

  apply(): Uint8Array {
    this.#count += 1;
    return this.#text();
  }

  stateHash(): Uint8Array {
    return createHash('sha256').update(this.#text()).digest();
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return Readable.from([this.#text()]);
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let digits = '';
    for await (const chunk of chunks) digits += new TextDecoder().decode(chunk);
    this.#count = Number(digits);
  }

  #text(): Uint8Array {
    return new TextEncoder().encode(`${this.#count}`);
  }
}
