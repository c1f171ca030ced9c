import { type BlockEvent, type BlockPhase, blockChart } from '../../machines/block.machine.js';
import type { AnyChart } from '../../machines/chart.js';
import { InvariantViolation, invariant } from '../../src/errors.js';
import type { BlockHash, Height } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';

/** The events of a block's life, made once: each block goes through most of them. */
const EVENTS: { readonly [Type in BlockEvent]: { readonly type: Type } } = {
  certified: { type: 'certified' },
  childCertified: { type: 'childCertified' },
  decided: { type: 'decided' },
  executed: { type: 'executed' },
  overtaken: { type: 'overtaken' },
  abandoned: { type: 'abandoned' },
};

interface Life {
  phase: BlockPhase;
  readonly parent: BlockHash;
}

/**
 * The phase of every block from its proposal until it is executed and no longer the last committed one. What the chart
 * does not allow is a bug that stops the replica: committing what is not pre-committed, executing what is not committed,
 * abandoning what is.
 */
export class BlockLives {
  readonly #chart: typeof blockChart;
  readonly #lives = new Map<BlockHash, Life>();
  /** Committed and not executed, ascending. */
  readonly #unexecuted = new Map<Height, BlockHash>();
  /** The last committed block. */
  #last: Block;

  /** `committed`: the last committed block, which the state machine is rebuilt up to. */
  constructor(committed: Block, chart: AnyChart = blockChart) {
    this.#chart = chart as typeof blockChart;
    this.#last = committed;
    this.#lives.set(committed.hash, { phase: 'executed', parent: committed.header.parent });
  }

  /** How many blocks are followed. */
  get size(): number {
    return this.#lives.size;
  }

  /** Returns undefined for a block that is abandoned, pruned, or was never here. */
  phaseOf(hash: BlockHash): BlockPhase | undefined {
    return this.#lives.get(hash)?.phase;
  }

  /** A block was taken in. It carries its parent's certificate, as its parent carried the grandparent's. */
  proposed({ hash, header: { parent } }: Block): void {
    this.#lives.set(hash, { phase: this.#chart.initial, parent });
    this.certified(parent);
  }

  /** A quorum certificate for a block, verified, was learnt. */
  certified(hash: BlockHash): void {
    const life = this.#lives.get(hash);
    if (life === undefined) return;
    this.#step(hash, 'certified');
    this.#step(life.parent, 'childCertified');
  }

  /** Blocks were committed, oldest first, each the parent of the next. */
  decided(blocks: readonly Block[]): void {
    for (const block of blocks) {
      this.#step(this.#last.hash, 'overtaken');
      this.#step(block.hash, 'decided');
      this.#unexecuted.set(block.header.height, block.hash);
      this.#last = block;
    }
  }

  /** Blocks were left behind by a commit, or made room. */
  abandoned(hashes: readonly BlockHash[]): void {
    for (const hash of hashes) this.#step(hash, 'abandoned');
  }

  /** The state machine has executed every block up to `height`. */
  executed(height: Height): void {
    invariant(height <= this.#last.header.height, 'no block is executed before it is committed');
    for (const [place, hash] of this.#unexecuted) {
      if (place > height) return;
      this.#unexecuted.delete(place);
      this.#step(hash, 'executed');
      if (hash !== this.#last.hash) this.#step(hash, 'overtaken');
    }
  }

  /** A block that is not followed is below what is executed: nothing happens to it any more. */
  #step(hash: BlockHash, event: BlockEvent): void {
    const life = this.#lives.get(hash);
    if (life === undefined) return;
    const step = this.#chart.step(life.phase, EVENTS[event]);
    if (step === null) throw new InvariantViolation(`a block that is ${life.phase} is not ${event}`);
    life.phase = step.state;
    if (step.actions.includes('forget')) this.#lives.delete(hash);
  }
}
