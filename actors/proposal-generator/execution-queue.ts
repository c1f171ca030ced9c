import { invariant } from '../../src/errors.js';
import type { Height } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { MachineEffect } from './messages.js';

/** A call that the queue holds back until the ones before it are answered. */
export type MachineCall = Extract<MachineEffect, { readonly type: 'executeBlock' | 'hashState' }>;

/** How far committed blocks run, or may run, ahead of the machine. */
export interface BacklogBounds {
  readonly blocks: number;
  /** Of their bodies. */
  readonly bytes: number;
}

/** What the machine is still to do, in order, one call at a time. Committed heights follow one another without gaps. */
export class ExecutionQueue {
  readonly #bounds: BacklogBounds;
  readonly #calls: MachineCall[] = [];
  readonly #backlog = { blocks: 0, bytes: 0 };
  #running: MachineCall | null = null;
  #ready = false;
  #committed: number | null = null;

  constructor(bounds: BacklogBounds) {
    this.#bounds = bounds;
  }

  /**
   * Whether no more blocks should be committed for now: while the backlog is at its bound. One block below it they are
   * again, since a leader that stood still until a good part was done would lose its tenure to the view timer, although
   * nothing is wrong but that there is much to do. What consensus had already taken in still comes.
   */
  get isBehind(): boolean {
    return this.#backlog.blocks >= this.#bounds.blocks || this.#backlog.bytes >= this.#bounds.bytes;
  }

  /** What is committed and not executed. */
  get backlog(): BacklogBounds {
    return this.#backlog;
  }

  get isIdle(): boolean {
    return this.#running === null && this.#calls.length === 0;
  }

  /** From storage: the committed chain so far, which the machine is rebuilt from. */
  recovered(height: Height): void {
    this.#committed = height;
  }

  /** The machine stands at `height` and takes calls from now on. */
  ready(): void {
    this.#ready = true;
  }

  execute(block: Block): void {
    invariant(this.#committed !== null, 'no block commits before the log is recovered');
    invariant(block.header.height === this.#committed + 1, 'committed heights follow one another without gaps');
    this.#committed = block.header.height;
    this.#backlog.blocks += 1;
    this.#backlog.bytes += block.body.length;
    this.#calls.push({ type: 'executeBlock', block });
  }

  hash(token: number): void {
    this.#calls.push({ type: 'hashState', token });
  }

  /** The next call to make, if the machine is free for it. */
  next(): MachineCall | null {
    if (!this.#ready || this.#running !== null) return null;
    this.#running = this.#calls.shift() ?? null;
    return this.#running;
  }

  /** The running call, which the machine has answered. */
  answered<Type extends MachineCall['type']>(type: Type): Extract<MachineCall, { readonly type: Type }> {
    const call = this.#running;
    invariant(call !== null && call.type === type, 'the machine answers the call that runs');
    this.#running = null;
    if (call.type === 'executeBlock') {
      this.#backlog.blocks -= 1;
      this.#backlog.bytes -= call.block.body.length;
    }
    return call as Extract<MachineCall, { readonly type: Type }>;
  }

  /** What ran when the machine threw; null when it was being rebuilt. */
  get running(): MachineCall | null {
    return this.#running;
  }
}
