/** A machine for tests: it keeps every command it runs, and answers with what it keeps so far. */
import type { CommandMachine, CommandPosition } from '../../actors/proposal-generator/command-machine.js';
import { sha256 } from '../../src/crypto/hash.js';

export class JournalMachine implements CommandMachine {
  /** `text@height.index` of each command that ran. */
  journal: string[] = [];

  apply(command: Uint8Array, at: CommandPosition): Uint8Array {
    const text = new TextDecoder().decode(command);
    if (text === 'throw') throw new Error('boom');
    this.journal.push(`${text}@${at.height}.${at.index}`);
    return new TextEncoder().encode(`${this.journal.length}:${text}`);
  }

  validate(command: Uint8Array): boolean {
    return command[0] !== 0x21;
  }

  stateHash(): Uint8Array {
    return sha256(new TextEncoder().encode(this.journal.join('\n')));
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return chunksOf([...this.journal]);
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.journal = [];
    for await (const chunk of chunks) this.journal.push(new TextDecoder().decode(chunk));
  }
}

async function* chunksOf(lines: readonly string[]): AsyncIterable<Uint8Array> {
  for (const line of lines) yield new TextEncoder().encode(line);
}
