/**
 * S1, from below: a block is committed only behind a run of blocks in consecutive views, each certified (DESIGN section 4):
 * three for the three-chain rule, two for the two-chain rule. Two branches that were both committed are seen by the
 * agreement checker, and that takes a long chain of accidents; a commit that came too early is seen here, at once.
 *
 * Certificates are not taken at their word: the votes for each block of the run are counted, as they were seen on their way.
 * One is not seen, that of the replica that commits, which may have put the last certificate together itself.
 */
import type { Block } from '../../protocol/types.js';
import type { Accuse } from '../violation.js';
import type { SeenBlock, SeenBlocks } from './seen-blocks.js';
import type { SeenVotes } from './seen-votes.js';

interface CommitRuleOptions {
  readonly replicas: number;
  readonly blocks: SeenBlocks;
  readonly votes: SeenVotes;
  readonly rule: 'three-chain' | 'two-chain';
  readonly accuse: Accuse;
}

/** Accuses who commits a block before a run of certified blocks stands behind it. Must see every block that is sent. */
export class CommitRuleChecker {
  readonly #options: CommitRuleOptions;
  readonly #length: number;
  readonly #quorum: number;
  /** Blocks with such a run behind them, or behind a descendant. */
  readonly #final = new Set<string>();
  /** Runs of blocks in consecutive views that may lack votes yet, the first block first. */
  #runs: (readonly SeenBlock[])[] = [];

  constructor(options: CommitRuleOptions) {
    this.#options = options;
    this.#length = options.rule === 'three-chain' ? 3 : 2;
    this.#quorum = options.replicas - Math.floor((options.replicas - 1) / 3);
  }

  /** Called for each block once, when it is sent for the first time. */
  seen(block: SeenBlock): void {
    const { blocks } = this.#options;
    const run = [block];
    for (let first = block; run.length < this.#length; ) {
      const below = blocks.get(first.justifyBlock);
      if (below === undefined || below.view !== first.view - 1) return;
      run.unshift(below);
      first = below;
    }
    this.#runs.push(run);
  }

  /** A correct replica has committed these, in order. */
  committed(replica: number, blocks: readonly Block[]): void {
    const tip = blocks.at(-1);
    if (tip === undefined || this.#final.has(tip.hash)) return;
    this.#judgeRuns(replica);
    if (this.#final.has(tip.hash)) return;
    const { view, height } = tip.header;
    this.#options.accuse(
      'S1',
      `replica ${replica} committed ${tip.hash.slice(0, 8)} of view ${view} at height ${height}, and no ${this.#length} certified blocks in consecutive views stand there`,
    );
  }

  /** Looks which runs have their votes by now; those on whose views others have decided are looked at no more. */
  #judgeRuns(replica: number): void {
    let decided = 0;
    for (const run of this.#runs) {
      const [first] = run;
      if (first === undefined || !this.#isCertified(run, replica)) continue;
      this.#settle(first);
      decided = Math.max(decided, first.view);
    }
    this.#runs = this.#runs.filter(([first]) => first !== undefined && first.view > decided);
  }

  #isCertified(run: readonly SeenBlock[], replica: number): boolean {
    return run.every(({ view, hash }, index) => {
      const voters = this.#options.votes.of(view, hash);
      const own = index === run.length - 1 && !voters.has(replica) ? 1 : 0;
      return voters.size + own >= this.#quorum;
    });
  }

  #settle(first: SeenBlock): void {
    const { blocks } = this.#options;
    for (let final: SeenBlock | undefined = first; final !== undefined; final = blocks.get(final.justifyBlock)) {
      if (this.#final.has(final.hash)) return;
      this.#final.add(final.hash);
    }
  }
}
