import type { CommandMachine } from '../../actors/index.js';
import { concatBytes, sha256 } from '../../src/crypto/hash.js';

const text = new TextDecoder();
const bytes = new TextEncoder();

/** Keeps every command in order, as text, and answers with how many there are. Text that begins with `!` is invalid. */
export class ListMachine implements CommandMachine {
  applied: string[] = [];
  #hash: Uint8Array = new Uint8Array(32);

  apply(command: Uint8Array): Uint8Array {
    this.applied.push(text.decode(command));
    this.#hash = sha256(concatBytes(this.#hash, sha256(command)));
    return bytes.encode(`${this.applied.length}`);
  }

  validate(command: Uint8Array): boolean {
    return command[0] !== 0x21;
  }

  stateHash(): Uint8Array {
    return this.#hash;
  }

  async *snapshot(): AsyncIterable<Uint8Array> {
    yield bytes.encode(JSON.stringify(this.applied));
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    this.applied = [];
    this.#hash = new Uint8Array(32);
    for (const command of JSON.parse(text.decode(concatBytes(...parts)))) this.apply(bytes.encode(command));
  }
}
