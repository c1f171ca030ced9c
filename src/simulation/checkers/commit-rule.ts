/**
 * S1, from below: a block is committed only behind a run of blocks in consecutive views, each certified by the next (DESIGN
 * section 4): three for the three-chain rule, two for the two-chain rule. Two branches that were both committed are seen by
 * the agreement checker, and that takes a long chain of accidents; a commit that came too early is seen here, at once.
 *
 * The last block's own certificate is not looked at: a leader that has just collected it commits before anybody sees it.
 */
import type { Block } from '../../protocol/types.js';
import type { Accuse } from '../violation.js';
import type { SeenBlock, SeenBlocks } from './seen-blocks.js';

export class CommitRuleChecker {
  readonly #blocks: SeenBlocks;
  readonly #accuse: Accuse;
  readonly #length: number;
  /** Blocks with such a run behind them, or behind a descendant. */
  readonly #final = new Set<string>();

  constructor(options: {
    readonly blocks: SeenBlocks;
    readonly rule: 'three-chain' | 'two-chain';
    readonly accuse: Accuse;
  }) {
    this.#blocks = options.blocks;
    this.#accuse = options.accuse;
    this.#length = options.rule === 'three-chain' ? 3 : 2;
  }

  /** Called for each block once, when it is sent for the first time. */
  seen(block: SeenBlock): void {
    let first = block;
    for (let length = 1; length < this.#length; length += 1) {
      const below = this.#blocks.get(first.justifyBlock);
      if (below === undefined || below.view !== first.view - 1) return;
      first = below;
    }
    for (let final: SeenBlock | undefined = first; final !== undefined; final = this.#blocks.get(final.justifyBlock)) {
      if (this.#final.has(final.hash)) return;
      this.#final.add(final.hash);
    }
  }

  /** A correct replica has committed these, in order. */
  committed(replica: number, blocks: readonly Block[]): void {
    const tip = blocks.at(-1);
    if (tip === undefined || this.#final.has(tip.hash)) return;
    const { view, height } = tip.header;
    this.#accuse(
      'S1',
      `replica ${replica} committed ${tip.hash.slice(0, 8)} of view ${view} at height ${height}, and no ${this.#length} blocks in consecutive views stand there`,
    );
  }
}
