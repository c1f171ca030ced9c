import type { StateMachine } from '../actors/proposal-generator/state-machine.js';
import type { CommittedLog } from '../src/protocol/committed-log.js';
import { threadCpuMs } from './thread-cpu.js';

export interface BurningOptions {
  /** CPU milliseconds of one `propose()`. */
  readonly proposeMs: number;
}

/** One proposal, and what it has cost where it was made. */
export interface BurnedBlock {
  readonly number: number;
  readonly cpuMs: number;
  /** By the clock on the wall, which goes on while other programs have the core. */
  readonly wallMs: number;
}

const BODY_BYTES = 24;
/** Steps of arithmetic between two looks at the clock: some ten microseconds. */
const STEPS = 10_000;

/** Makes a {@link BurningMachine}, on whatever thread it is placed. */
export function createMachine(options: BurningOptions): BurningMachine {
  return new BurningMachine(options);
}

/** Returns the block in a body of a {@link BurningMachine}; null for any other body. */
export function burnedBlockIn(body: Uint8Array): BurnedBlock | null {
  if (body.length !== BODY_BYTES) return null;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  return { number: view.getFloat64(0), cpuMs: view.getFloat64(8), wallMs: view.getFloat64(16) };
}

/**
 * A speculative machine whose blocks are dear to build and cost nothing to execute, like a batch auction's: finding a price
 * is dear, seeing that it is one is cheap. It burns a given CPU time for each, on its own thread, without a pause.
 */
export class BurningMachine implements StateMachine<BurnedBlock> {
  readonly name = 'burning';
  readonly #proposeMs: number;
  #proposed = 0;
  #committed = 0;
  #heat = 1;

  constructor({ proposeMs }: BurningOptions) {
    this.#proposeMs = proposeMs;
  }

  initialize(_log: CommittedLog | null): void {
    // A benchmark begins with an empty log.
  }

  propose(): BurnedBlock {
    const began = performance.now();
    const cpuMs = this.#burn();
    this.#proposed += 1;
    return { number: this.#proposed, cpuMs, wallMs: performance.now() - began };
  }

  parse(body: Uint8Array): BurnedBlock | null {
    return burnedBlockIn(body);
  }

  serialize({ number, cpuMs, wallMs }: BurnedBlock): Uint8Array {
    const body = new Uint8Array(BODY_BYTES);
    const view = new DataView(body.buffer);
    view.setFloat64(0, number);
    view.setFloat64(8, cpuMs);
    view.setFloat64(16, wallMs);
    return body;
  }

  idOf(block: BurnedBlock): Uint8Array {
    return this.serialize(block);
  }

  execute({ number }: BurnedBlock): void {
    this.#proposed = number;
  }

  commit(id: Uint8Array): void {
    this.#committed = burnedBlockIn(id)?.number ?? this.#committed;
  }

  rewind(): void {
    this.#proposed = this.#committed;
  }

  #burn(): number {
    if (this.#proposeMs === 0) return 0;
    const began = threadCpuMs();
    let spent = 0;
    for (; spent < this.#proposeMs; spent = threadCpuMs() - began) {
      for (let step = 0; step < STEPS; step += 1) this.#heat = Math.imul(this.#heat, 0x9e3779b1) ^ (this.#heat >>> 15);
    }
    return spent;
  }
}
