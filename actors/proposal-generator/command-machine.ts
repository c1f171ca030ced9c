/** The application's side: deterministic state machines that take commands, and how one is handed to a replica. */
import type { Height } from '../../src/protocol/numbers.js';
import type { MachineModule } from './machine-module.js';

/** Where a command stands in the committed chain: the height of its block and its place among that block's commands. */
export interface CommandPosition {
  readonly height: Height;
  readonly index: number;
}

/**
 * A deterministic state machine over opaque commands. A command runs once however often its client sends it, as long as
 * fewer than 1024 later ones of that client have run, and fewer than 10,000 other clients have since run anything new;
 * who can submit can invent clients. Its reply may be forgotten sooner: asking again is answered `sequenceTooOld` then.
 * Every replica calls it with the same commands in the same order
 * and must reach the same state and give the same replies: no clock, no randomness, nothing but state and arguments.
 * Commands arrive committed and exactly once each; a throw from any method is a bug that stops the replica.
 */
export interface CommandMachine {
  /**
   * What the machine is called, 1 to 100 characters. A replica's store keeps the name that it was first opened with, and
   * is refused to a machine of another name or of none: two machines make different states of one log.
   */
  readonly name?: string;
  /**
   * Runs one command and returns its reply. The arrays belong to whoever made them: the machine copies what it keeps of
   * `command`, and never writes into a reply that it has returned (returning the same array again is welcome).
   */
  apply(command: Uint8Array, at: CommandPosition): Uint8Array;
  /**
   * Whether `command` may run at all; asked before it enters the pool of pending commands and before it runs. The answer is
   * true or false, at once: anything else, a promise too, is a bug that stops the replica. It sees neither the client nor the
   * sequence, and any faulty replica may hand on any bytes under those of another: what a command says of who sent it, and
   * which one it is, stands in its bytes, and is signed there, where a machine relies on it.
   */
  validate?(command: Uint8Array): boolean;
  /** 32 bytes that stand for the whole state; equal states have equal hashes, whatever led to them. */
  stateHash(): Uint8Array;
  /**
   * The same, in parts of a fraction of a millisecond, where the whole takes long enough to hold up a replica's votes: an
   * iterator that rests after each part and ends with the 32 bytes of the state at the moment of the call. Commands are
   * applied meanwhile. It is not asked again before it has ended.
   */
  stateHashInSlices?(): Iterator<undefined, Uint8Array>;
  /** The state at the moment of the call, in chunks of any size; later commands do not change what it gives. */
  snapshot(): AsyncIterable<Uint8Array>;
  /**
   * Replaces the state by that of a snapshot: the same chunks in the same order.
   * @throws when they are no snapshot; the machine is of no use then.
   */
  restore(chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

/** A command machine as `createReplica` takes it. */
export interface CommandApplication {
  readonly kind: 'commands';
  readonly machine: CommandMachine | MachineModule;
}

/**
 * Wraps a machine that runs each command after it is committed. An object stays on the calling thread; to be placed on
 * another one it is given as `{ module, options }`.
 */
export function commands(machine: CommandMachine | MachineModule): CommandApplication {
  return { kind: 'commands', machine };
}
