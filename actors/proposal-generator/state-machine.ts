/** The application's side of speculation: machines that run ahead of consensus, and how one is handed to a replica. */
import type { CommittedLog } from '../../src/protocol/committed-log.js';
import type { MachineModule } from './machine-module.js';

/**
 * A deterministic state machine that builds its own blocks, and may be ahead of consensus with them. `Block` is whatever
 * it makes and reads; it is never null. Calls come one at a time, each after the promise of the one before is resolved,
 * in the order of the committed chain. A throw or a rejected promise is the application's bug: the replica stops and names
 * the call. A promise must settle: a replica that stops waits 10 s for a call, and then ends with `MACHINE_OVERDUE`.
 *
 * At every moment its effects are those of the committed blocks, and above them those of its own proposals and of nothing
 * else. Empty blocks, and bodies that it cannot read, are never shown to it.
 */
export interface StateMachine<Block> {
  /** What the machine is called, 1 to 100 characters; see `CommandMachine.name`. */
  readonly name?: string;
  /**
   * Called once, before anything else: with null for a clean start, otherwise with the committed log to rebuild the state
   * from. The log holds blocks of consensus, empty ones included: give each `body` that has bytes to `parse`, and leave out
   * what comes back as null.
   */
  initialize(log: CommittedLog | null): void | Promise<void>;
  /**
   * Builds the next proposal and applies it, on top of all earlier ones; null when there is nothing to propose. Asked while
   * this replica leads. After null it is asked again when the next block has been made, at the latest after a heartbeat, and
   * when the application calls `startProposals()`.
   */
  propose(): Block | null | Promise<Block | null>;
  /** Reads the body of a committed block, which a faulty leader may have made; null commits it as a no-op. */
  parse(body: Uint8Array): Block | null;
  /** The body of a block, at least one byte; the array is the replica's from then on. `parse` reads it back. */
  serialize(block: Block): Uint8Array;
  /** One-to-one with what the block means: `commit` names the block by it. */
  idOf(block: Block): Uint8Array;
  /** Applies a committed block that this machine did not propose, or not since its last rewind. `commit` follows. */
  execute(block: Block): void | Promise<void>;
  /** Everything up to the block with this id is final. */
  commit(id: Uint8Array): void | Promise<void>;
  /** Drops the effects of every proposal that is not committed. */
  rewind(): void | Promise<void>;
  /**
   * 32 bytes that stand for the last committed state, for `status`: equal states have equal ones. It may be worked out when
   * asked for. Without it a replica's state hash is 64 zeros.
   */
  stateHash?(): Uint8Array;
}

/** A speculative machine as `createReplica` takes it. */
export interface SpeculativeApplication {
  readonly kind: 'speculative';
  readonly machine: StateMachine<unknown> | MachineModule;
}

/**
 * Wraps a machine that builds blocks ahead of consensus while its replica leads. By default its thread is not that of
 * consensus: an object stays on the calling thread, and consensus gets one of its own; `{ module, options }` is loaded on
 * a thread that it has to itself.
 */
export function speculative<Block extends NonNullable<unknown>>(
  machine: StateMachine<Block> | MachineModule,
): SpeculativeApplication {
  return { kind: 'speculative', machine: machine as StateMachine<unknown> | MachineModule };
}
