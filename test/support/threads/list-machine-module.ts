import { ListMachine } from '../list-machine.js';

export interface ListMachineOptions {
  readonly name?: string;
  /** The command at which it throws, or at which its thread dies. */
  readonly throwAt?: string;
  readonly dieAt?: string;
  /** Milliseconds that each command takes. */
  readonly applyMs?: number;
}

class PlacedListMachine extends ListMachine {
  readonly name: string;
  readonly #options: ListMachineOptions;

  constructor(options: ListMachineOptions) {
    super();
    this.name = options.name ?? 'placed list';
    this.#options = options;
  }

  override apply(command: Uint8Array): Uint8Array {
    const text = new TextDecoder().decode(command);
    const { throwAt, dieAt, applyMs = 0 } = this.#options;
    if (text === throwAt) throw new RangeError('no such command');
    if (text === dieAt) process.exit(7);
    for (const until = performance.now() + applyMs; performance.now() < until; );
    return super.apply(command);
  }
}

/** A list machine for tests on any thread. */
export function createMachine(options: ListMachineOptions = {}): ListMachine {
  if (options.name === 'none') throw new Error('there is no machine of that name');
  return new PlacedListMachine(options);
}
