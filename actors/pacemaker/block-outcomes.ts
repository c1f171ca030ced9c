import type { BlockHash } from '../../src/protocol/numbers.js';
import type { QcOutcome } from './requests.js';

/**
 * What became of the blocks that an application proposed or asked after, and the requests that wait to hear it. Of those
 * that are decided the newest `decidedMax` are remembered; the others stand in consensus's bounded tree.
 */
export class BlockOutcomes {
  readonly #decidedMax: number;
  /** Consensus was asked and has not answered. */
  readonly #open = new Set<BlockHash>();
  readonly #decided = new Map<BlockHash, QcOutcome>();
  readonly #waiting = new Map<number, BlockHash>();

  constructor(decidedMax: number) {
    this.#decidedMax = decidedMax;
  }

  /** Whether nothing was heard of `block` yet, so that consensus is to be asked. */
  follow(block: BlockHash): boolean {
    if (this.#open.has(block) || this.#decided.has(block)) return false;
    this.#open.add(block);
    return true;
  }

  /** Returns what became of a followed block; null where that is open: then `request` waits. */
  await(block: BlockHash, request: number): QcOutcome | null {
    const outcome = this.#decided.get(block) ?? null;
    if (outcome === null) this.#waiting.set(request, block);
    return outcome;
  }

  /** The request waits no more. */
  cancel(request: number): void {
    this.#waiting.delete(request);
  }

  /** Returns the requests that waited for `block`, which wait no more. `unknown` is not remembered. */
  decide(block: BlockHash, outcome: QcOutcome | 'unknown'): readonly number[] {
    this.#open.delete(block);
    if (outcome !== 'unknown') this.#remember(block, outcome);
    return this.#take((awaited) => awaited === block);
  }

  /** Returns all requests that waited, which wait no more. */
  takeAll(): readonly number[] {
    return this.#take(() => true);
  }

  #remember(block: BlockHash, outcome: QcOutcome): void {
    this.#decided.set(block, outcome);
    const [oldest] = this.#decided.keys();
    if (this.#decided.size > this.#decidedMax && oldest !== undefined) this.#decided.delete(oldest);
  }

  #take(isTaken: (awaited: BlockHash) => boolean): readonly number[] {
    const taken = [...this.#waiting].filter(([, block]) => isTaken(block)).map(([request]) => request);
    for (const request of taken) this.#waiting.delete(request);
    return taken;
  }
}
