import { firstHeight } from '../../src/config/first-height.js';
import { limits } from '../../src/config/limits.js';
import { bytesToHex, sha256HexInSteps } from '../../src/crypto/hash.js';
import { InvariantViolation, OperationalError, sentenceOf } from '../../src/errors.js';
import type { CommittedLog } from '../../src/protocol/committed-log.js';
import { asHeight, type Height } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { Port, PortFactory } from '../../src/runtime/behaviour.js';
import { ApplicationFault, bytesFrom, calling } from './application-fault.js';
import type { OpenLog } from './machine-host.js';
import type { MachineEffect, ProposalGeneratorMessage } from './messages.js';
import type { MachineProposal } from './speculation.js';
import type { StateMachine } from './state-machine.js';

const NO_STATE_HASH = '0'.repeat(64);

/**
 * Makes the port through which the proposal generator calls a speculative machine, on this thread: one call at a time, in
 * order, each answered by one message once its promise is resolved. What the machine throws is told once; it is not called
 * again then. Closing waits for what is being read from the log, not for the machine: a call need not settle. `rest` is awaited between two pieces of long work, and lets the thread do what else is due.
 */
export function createSpeculativeHost(
  machine: StateMachine<unknown>,
  openLog: OpenLog,
  rest: () => Promise<void> = () => Promise.resolve(),
): PortFactory<MachineEffect, ProposalGeneratorMessage> {
  return (deliver) => new SpeculativeHost(machine, openLog, rest, deliver);
}

class SpeculativeHost implements Port<MachineEffect> {
  readonly #machine: StateMachine<unknown>;
  readonly #openLog: OpenLog;
  readonly #rest: () => Promise<void>;
  readonly #deliver: (message: ProposalGeneratorMessage) => boolean;
  /** Of the last committed block that the machine has done. */
  #height = asHeight(0);
  #ended = false;
  #calls: Promise<void> = Promise.resolve();
  /** Settled once nothing is being read from the log. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(
    machine: StateMachine<unknown>,
    openLog: OpenLog,
    rest: () => Promise<void>,
    deliver: (message: ProposalGeneratorMessage) => boolean,
  ) {
    this.#machine = machine;
    this.#openLog = openLog;
    this.#rest = rest;
    this.#deliver = deliver;
  }

  perform(effect: MachineEffect): void {
    this.#calls = this.#calls.then(() => this.#answer(effect));
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#reading;
  }

  async #answer(effect: MachineEffect): Promise<void> {
    if (this.#ended) return;
    try {
      this.#tell(await this.#do(effect));
    } catch (error) {
      this.#tell(failureOf(error));
      this.#ended = true;
    }
  }

  #do(effect: MachineEffect): Promise<ProposalGeneratorMessage> {
    switch (effect.type) {
      case 'initializeMachine':
        return this.#initialize(effect.committedHeight);
      case 'buildProposal':
        return this.#build();
      case 'executeBlock':
        return this.#execute(effect.block);
      case 'commitProposal':
        return this.#commit(effect.height, effect.id);
      case 'rewindMachine':
        return this.#rewind();
      case 'hashState':
        return this.#hash(effect.token);
    }
  }

  async #initialize(height: Height): Promise<ProposalGeneratorMessage> {
    const log = height === 0 ? null : await this.#read(async () => await this.#openLog());
    if (log !== null && log.committedHeight !== height)
      throw new OperationalError('LOG_UNREADABLE', `the log ends at height ${log.committedHeight}, not at ${height}`);
    await this.#call('initialize', () => this.#machine.initialize(log === null ? null : this.#guarded(log)));
    this.#height = height;
    return { type: 'machineInitialized', height };
  }

  /** The log, with its failures marked as its own; it is not read any more once the port is closed. */
  #guarded(log: CommittedLog): CommittedLog {
    const read = <Result>(what: () => Promise<Result>): Promise<Result> => this.#read(what);
    return {
      committedHeight: log.committedHeight,
      async *blocks(from) {
        const blocks = log.blocks(firstHeight(from))[Symbol.asyncIterator]();
        try {
          for (;;) {
            const next = await read(() => blocks.next());
            if (next.done) return;
            yield next.value;
          }
        } finally {
          await blocks.return?.();
        }
      },
      loadBlock: (hash) => read(() => log.loadBlock(hash)),
    };
  }

  async #read<Result>(what: () => Promise<Result>): Promise<Result> {
    if (this.#ended) throw new ReadFailure(new OperationalError('STORE_CLOSED', 'the replica has stopped'));
    const reading = what();
    this.#reading = Promise.allSettled([this.#reading, reading]);
    try {
      return await reading;
    } catch (error) {
      throw new ReadFailure(error);
    }
  }

  async #build(): Promise<ProposalGeneratorMessage> {
    const block = await this.#call('propose', () => this.#machine.propose());
    if (block === null) return { type: 'proposalBuilt', proposal: null };
    const body = bytesFrom('serialize', await this.#call('serialize', () => this.#machine.serialize(block)));
    if (body.length === 0 || body.length > limits.bodyBytes) {
      const problem = `it returned ${body.length} bytes; a body has 1 to ${limits.bodyBytes}`;
      throw new ApplicationFault('serialize', problem);
    }
    return { type: 'proposalBuilt', proposal: await this.#proposalOf(this.#idOf(block), body) };
  }

  /** A large body is hashed a piece at a time: votes that are handled on this thread do not wait for all of it. */
  async #proposalOf(id: Uint8Array, body: Uint8Array): Promise<MachineProposal> {
    if (body.length < limits.offloadBodyBytes) return { id, body };
    return { id, body, bodyHash: await sha256HexInSteps(body, this.#rest) };
  }

  async #execute({ header, body }: Block): Promise<ProposalGeneratorMessage> {
    const block = body.length === 0 ? null : calling('parse', () => this.#machine.parse(body));
    if (block !== null) {
      await this.#call('execute', () => this.#machine.execute(block));
      await this.#call('commit', () => this.#machine.commit(this.#idOf(block)));
    }
    return this.#done(header.height);
  }

  async #commit(height: Height, id: Uint8Array): Promise<ProposalGeneratorMessage> {
    await this.#call('commit', () => this.#machine.commit(id));
    return this.#done(height);
  }

  async #rewind(): Promise<ProposalGeneratorMessage> {
    await this.#call('rewind', () => this.#machine.rewind());
    return { type: 'machineRewound' };
  }

  async #hash(token: number): Promise<ProposalGeneratorMessage> {
    const hash = calling('stateHash', () => this.#machine.stateHash?.());
    if (hash === undefined) return { type: 'stateHashed', token, height: this.#height, stateHash: NO_STATE_HASH };
    const { length } = bytesFrom('stateHash', hash);
    if (length !== 32) throw new ApplicationFault('stateHash', `it returned ${length} bytes; a state hash has 32`);
    return { type: 'stateHashed', token, height: this.#height, stateHash: bytesToHex(hash) };
  }

  #idOf(block: unknown): Uint8Array {
    return bytesFrom(
      'idOf',
      calling('idOf', () => this.#machine.idOf(block)),
    );
  }

  #done(height: Height): ProposalGeneratorMessage {
    this.#height = height;
    return { type: 'blockExecuted', height, replies: [], repeated: [], refused: [] };
  }

  /** What a method of the machine comes to; nothing more is called once the port is closed. */
  async #call<Result>(call: string, run: () => Result | Promise<Result>): Promise<Result> {
    if (this.#ended) throw new ApplicationFault(call, 'the replica has stopped');
    try {
      return await run();
    } catch (error) {
      throw error instanceof ReadFailure ? error.cause : new ApplicationFault(call, error);
    }
  }

  /** An answer that is not taken comes too late: the replica has stopped. */
  #tell(message: ProposalGeneratorMessage): void {
    if (!this.#ended && !this.#deliver(message)) this.#ended = true;
  }
}

/** A failure of the log while the machine reads it, on its way through the machine: it is not the machine's fault. */
class ReadFailure extends Error {
  override readonly name = 'ReadFailure';

  constructor(cause: unknown) {
    super(sentenceOf(cause), { cause });
  }
}

function failureOf(error: unknown): ProposalGeneratorMessage {
  if (error instanceof ApplicationFault) return { type: 'machineThrew', call: error.call, error: error.message };
  const isOurs = error instanceof OperationalError || error instanceof InvariantViolation;
  return { type: 'logFailed', code: isOurs ? error.code : 'LOG_UNREADABLE', detail: sentenceOf(error) };
}
