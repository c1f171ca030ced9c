/** The library's entry point: replicas, clients, and what an application writes against. */

export { asHeight, type Height } from '../src/protocol/numbers.js';
export {
  type CommandApplication,
  type CommandMachine,
  type CommandPosition,
  commands,
} from './proposal-generator/command-machine.js';
