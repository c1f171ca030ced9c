/** The machine of a benchmark, as a module, so that it can be placed. */
import type { CommandMachine } from '../actors/proposal-generator/command-machine.js';
import { KeyValueMachine } from '../examples/key-value/index.js';
import type { BenchSettings } from './settings.js';

/** Makes the machine that a replica of the benchmark runs. */
export function createMachine({ machine, replyBytes }: Pick<BenchSettings, 'machine' | 'replyBytes'>): CommandMachine {
  return machine === 'key-value' ? new KeyValueMachine() : new IdleMachine(replyBytes);
}

/** A machine that does nothing: what is left is the replication. */
class IdleMachine implements CommandMachine {
  readonly #reply: Uint8Array;

  constructor(replyBytes: number) {
    this.#reply = new Uint8Array(replyBytes);
  }

  apply(): Uint8Array {
    return this.#reply;
  }

  stateHash(): Uint8Array {
    return new Uint8Array(32);
  }

  async *snapshot(): AsyncIterable<Uint8Array> {}

  async restore(): Promise<void> {}
}
