import { KeyValueMachine } from './machine.js';

/** The key-value machine as a module, so that it can be placed on a thread: `commands({ module })`. */
export function createMachine(): KeyValueMachine {
  return new KeyValueMachine();
}
