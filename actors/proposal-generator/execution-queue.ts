import { invariant } from '../../src/errors.js';
import type { Height } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { MachineEffect } from './messages.js';

/** A call that the queue holds back until the ones before it are answered. */
export type MachineCall = Exclude<MachineEffect, { readonly type: 'initializeMachine' }>;

interface Queued {
  readonly call: MachineCall;
  /** The committed block that the call does. */
  readonly block: Block | null;
}

/** How far committed blocks run, or may run, ahead of the machine. */
export interface BacklogBounds {
  readonly blocks: number;
  /** Of their bodies. */
  readonly bytes: number;
}

/** What the machine is still to do, in order, one call at a time. Committed heights follow one another without gaps. */
export class ExecutionQueue {
  readonly #bounds: BacklogBounds;
  readonly #calls: Queued[] = [];
  readonly #backlog = { blocks: 0, bytes: 0 };
  #running: Queued | null = null;
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

  /** A committed block is to be executed. */
  execute(block: Block): void {
    this.#committedNext(block, { type: 'executeBlock', block });
  }

  /** A committed block holds the proposal `id`, which the machine has applied already. */
  commitProposal(block: Block, id: Uint8Array): void {
    this.#committedNext(block, { type: 'commitProposal', height: block.header.height, id });
  }

  rewind(): void {
    this.#calls.push({ call: { type: 'rewindMachine' }, block: null });
  }

  /** The machine is to build a proposal. */
  propose(): void {
    this.#calls.push({ call: { type: 'buildProposal' }, block: null });
  }

  hash(token: number): void {
    this.#calls.push({ call: { type: 'hashState', token }, block: null });
  }

  /** The next call to make, if the machine is free for it. */
  next(): MachineCall | null {
    if (!this.#ready || this.#running !== null) return null;
    this.#running = this.#calls.shift() ?? null;
    return this.running;
  }

  /** The machine has answered the running call, which does no block. */
  answered(type: MachineCall['type']): void {
    invariant(this.running?.type === type, 'the machine answers the call that runs');
    this.#running = null;
  }

  /** The machine has done the block of the running call, which is returned. */
  executed(height: Height): Block {
    const block = this.#running?.block ?? null;
    invariant(block?.header.height === height, 'the machine answers for the block that it was given');
    this.#running = null;
    this.#backlog.blocks -= 1;
    this.#backlog.bytes -= block.body.length;
    return block;
  }

  /** What ran when the machine threw; null when it was being rebuilt. */
  get running(): MachineCall | null {
    return this.#running?.call ?? null;
  }

  /** The height that the running call does; null for one that does no block. */
  get runningHeight(): Height | null {
    return this.#running?.block?.header.height ?? null;
  }

  #committedNext(block: Block, call: MachineCall): void {
    invariant(this.#committed !== null, 'no block commits before the log is recovered');
    invariant(block.header.height === this.#committed + 1, 'committed heights follow one another without gaps');
    this.#committed = block.header.height;
    this.#backlog.blocks += 1;
    this.#backlog.bytes += block.body.length;
    this.#calls.push({ call, block });
  }
}
