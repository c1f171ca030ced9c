import type { StateMachine } from '../actors/proposal-generator/state-machine.js';
import type { CommittedLog } from '../src/protocol/committed-log.js';
import { threadCpuMs } from './thread-cpu.js';

/** What a {@link BurningMachine} burns. */
export interface BurningOptions {
  /** CPU milliseconds of one `propose()`. */
  readonly proposeMs: number;
}

const BODY_BYTES = 8;
/** Steps of arithmetic between two looks at the clock: some ten microseconds. */
const STEPS = 10_000;

/** Makes a {@link BurningMachine}, on whatever thread it is placed. */
export function createMachine(options: BurningOptions): BurningMachine {
  return new BurningMachine(options);
}

/**
 * A speculative machine whose blocks are dear to build and cost nothing to execute, like a batch auction's: finding a price
 * is dear, seeing that it is one is cheap. It burns a given CPU time for each, on its own thread, without a pause. A block
 * is its number.
 */
export class BurningMachine implements StateMachine<number> {
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

  propose(): number {
    this.#burn();
    this.#proposed += 1;
    return this.#proposed;
  }

  parse(body: Uint8Array): number | null {
    return body.length === BODY_BYTES ? numberIn(body) : null;
  }

  serialize(block: number): Uint8Array {
    const body = new Uint8Array(BODY_BYTES);
    new DataView(body.buffer).setFloat64(0, block);
    return body;
  }

  idOf(block: number): Uint8Array {
    return this.serialize(block);
  }

  execute(block: number): void {
    this.#proposed = block;
  }

  commit(id: Uint8Array): void {
    this.#committed = numberIn(id);
  }

  rewind(): void {
    this.#proposed = this.#committed;
  }

  #burn(): void {
    if (this.#proposeMs === 0) return;
    const began = threadCpuMs();
    while (threadCpuMs() - began < this.#proposeMs) {
      for (let step = 0; step < STEPS; step += 1) this.#heat = Math.imul(this.#heat, 0x9e3779b1) ^ (this.#heat >>> 15);
    }
  }
}

function numberIn(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getFloat64(0);
}
