import type { StateMachine } from '../actors/proposal-generator/state-machine.js';
import { invariant } from '../src/errors.js';
import type { CommittedLog } from '../src/protocol/committed-log.js';
import { threadCpuMs } from './thread-cpu.js';

/** What one `propose()` has cost where it was called. */
export interface ProposeCost {
  readonly cpuMs: number;
  /** By the clock on the wall, which goes on while other programs have the core. */
  readonly wallMs: number;
}

/** A block of a machine, and what it has cost. */
export interface MeasuredBlock<Block> {
  readonly block: Block;
  readonly cost: ProposeCost;
}

/** A speculative machine whose calls have done all their work when they return, so that it can be measured. */
export interface SynchronousMachine<Block> extends StateMachine<Block> {
  propose(): Block | null;
  execute(block: Block): void;
  commit(id: Uint8Array): void;
  rewind(): void;
}

const COST_BYTES = 16;

/** Returns what the block in a body of a {@link MeasuredMachine} has cost; null for a body that is too short for it. */
export function costIn(body: Uint8Array): ProposeCost | null {
  if (body.length < COST_BYTES) return null;
  const view = new DataView(body.buffer, body.byteOffset, COST_BYTES);
  return { cpuMs: view.getFloat64(0), wallMs: view.getFloat64(8) };
}

/** Any machine, with what each `propose()` has cost at the front of its block's body, where every replica can read it. */
export class MeasuredMachine<Block> implements SynchronousMachine<MeasuredBlock<Block>> {
  readonly name: string;
  readonly #machine: SynchronousMachine<Block>;

  constructor(machine: SynchronousMachine<Block>) {
    this.#machine = machine;
    this.name = `measured ${machine.name}`;
  }

  initialize(log: CommittedLog | null): void | Promise<void> {
    invariant(log === null, 'a benchmark begins with an empty log');
    return this.#machine.initialize(null);
  }

  propose(): MeasuredBlock<Block> | null {
    const beganCpu = threadCpuMs();
    const began = performance.now();
    const block = this.#machine.propose();
    const wallMs = performance.now() - began;
    return block === null ? null : { block, cost: { cpuMs: threadCpuMs() - beganCpu, wallMs } };
  }

  parse(body: Uint8Array): MeasuredBlock<Block> | null {
    const cost = costIn(body);
    const block = cost === null ? null : this.#machine.parse(body.subarray(COST_BYTES));
    return cost === null || block === null ? null : { block, cost };
  }

  serialize({ block, cost }: MeasuredBlock<Block>): Uint8Array {
    const bytes = this.#machine.serialize(block);
    const body = new Uint8Array(COST_BYTES + bytes.length);
    const view = new DataView(body.buffer);
    view.setFloat64(0, cost.cpuMs);
    view.setFloat64(8, cost.wallMs);
    body.set(bytes, COST_BYTES);
    return body;
  }

  idOf({ block }: MeasuredBlock<Block>): Uint8Array {
    return this.#machine.idOf(block);
  }

  execute({ block }: MeasuredBlock<Block>): void {
    this.#machine.execute(block);
  }

  commit(id: Uint8Array): void {
    this.#machine.commit(id);
  }

  rewind(): void {
    this.#machine.rewind();
  }
}
