import { limits } from '../../src/config/limits.js';
import { InvariantViolation, invariant, OperationalError, sentenceOf } from '../../src/errors.js';
import type { CommittedLog } from '../../src/protocol/committed-log.js';
import { asHeight, type Height } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { Port, PortFactory } from '../../src/runtime/behaviour.js';
import { ApplicationFault } from './application-fault.js';
import { CommandExecutor } from './command-executor.js';
import type { CommandMachine } from './command-machine.js';
import type { MachineEffect, ProposalGeneratorMessage } from './messages.js';
import { type SessionBounds, sessionBounds } from './session-table.js';

/** Opens the committed log from which the machine is rebuilt; asked once, when storage has recovered it. */
export type OpenLog = () => CommittedLog | Promise<CommittedLog>;

/** What every replica of a cluster remembers of its clients. */
const SESSION_BOUNDS: SessionBounds = sessionBounds(limits);

/**
 * Makes the port through which the proposal generator calls a command machine: inline and in order, each call answered
 * by one message, except that the machine is rebuilt from the log block by block as the log is read. What the machine
 * throws is told once; it is not called again then.
 */
export function createMachineHost(
  machine: CommandMachine,
  openLog: OpenLog,
  sessions: SessionBounds = SESSION_BOUNDS,
): PortFactory<MachineEffect, ProposalGeneratorMessage> {
  return (deliver) => new MachineHost(new CommandExecutor(machine, sessions), openLog, deliver);
}

class MachineHost implements Port<MachineEffect> {
  readonly #executor: CommandExecutor;
  readonly #openLog: OpenLog;
  readonly #deliver: (message: ProposalGeneratorMessage) => boolean;
  #ended = false;
  #rebuilding: Promise<void> = Promise.resolve();

  constructor(executor: CommandExecutor, openLog: OpenLog, deliver: (message: ProposalGeneratorMessage) => boolean) {
    this.#executor = executor;
    this.#openLog = openLog;
    this.#deliver = deliver;
  }

  perform(effect: MachineEffect): void {
    if (this.#ended) return;
    if (effect.type === 'initializeMachine') this.#rebuilding = this.#rebuild(effect.committedHeight);
    else if (effect.type === 'executeBlock') this.#execute(effect.block);
    else if (effect.type === 'hashState') this.#hash(effect.token);
    else throw new InvariantViolation(`a command machine is not asked to ${effect.type}`);
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#rebuilding;
  }

  #execute(block: Block): void {
    const executed = this.#guard(() => this.#executor.execute(block));
    if (executed !== null) this.#tell({ type: 'blockExecuted', ...executed });
  }

  #hash(token: number): void {
    const hashed = this.#guard(() => this.#executor.hashOn());
    if (this.#ended) return;
    this.#tell(hashed === null ? { type: 'stateHashing', token } : { type: 'stateHashed', token, ...hashed });
  }

  async #rebuild(committedHeight: Height): Promise<void> {
    try {
      // A storage that keeps nothing has no log to open, and begins at the machine's own beginning.
      if (this.#executor.height < committedHeight) await this.#replay(await this.#openLog(), committedHeight);
    } catch (error) {
      this.#logFailed(error);
    }
    if (this.#ended) return;
    if (this.#executor.height === committedHeight) {
      const sessions = this.#executor.sessions();
      this.#tell({ type: 'machineInitialized', height: committedHeight, sessions });
    } else this.#logFailed(new Error(`the log ends at height ${this.#executor.height}, before ${committedHeight}`));
  }

  async #replay(log: CommittedLog, committedHeight: Height): Promise<void> {
    for await (const block of log.blocks(asHeight(this.#executor.height + 1))) {
      if (block.header.height > committedHeight) return;
      if (!this.#ended) this.#guard(() => this.#executor.execute(block));
      if (this.#ended) return;
    }
  }

  /** An own bug met while the log is read is told like any failure: there is no caller here that it could be thrown to. */
  #logFailed(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const isOurs = error instanceof OperationalError || error instanceof InvariantViolation;
    this.#tell({ type: 'logFailed', code: isOurs ? error.code : 'LOG_UNREADABLE', detail: sentenceOf(error) });
  }

  /** What a call returns; null after the machine threw, which is told. */
  #guard<Result>(run: () => Result): Result | null {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof ApplicationFault)) throw error;
      this.#ended = true;
      this.#tell({ type: 'machineThrew', call: error.call, error: error.message });
      return null;
    }
  }

  #tell(message: ProposalGeneratorMessage): void {
    invariant(this.#deliver(message), 'the proposal generator has room for its machine’s answers');
  }
}
