/**
 * L6: what a cluster costs that has nothing to do: an empty block for each heartbeat, which is a third of the base timeout
 * (DESIGN section 4). A leader that does not wait for it spins, as fast as messages are, and hides among those that have work.
 *
 * Nothing is to do where an empty block stands on so many empty ones of consecutive views: what was before them is committed,
 * and everybody knows. Who leads enters its view by a certificate then and waits; a liar that gives up its own tenure sends
 * the next leader in without a wait, so that of 2f + 1 correct leaders f + 1 wait. A clock may run a tenth too fast.
 * Machines that build their own blocks are left out: when they have none is their affair.
 */
import type { Accuse } from '../violation.js';
import type { SeenBlock } from './seen-blocks.js';

interface IdleCostOptions {
  readonly baseTimeoutMs: number;
  /** The blocks that were sent so far, the one that is judged among them. */
  readonly blocks: { get(hash: string): SeenBlock | undefined };
  readonly accuse: Accuse;
}

/** Empty blocks of consecutive views, after which nothing is to do. */
const RESTING = 8;
/** Base timeouts of a window. */
const WINDOW_BASES = 4;
/** In it, at most: twelve heartbeats, less than twice as many where liars lead, a tenth more by fast clocks, and room for one. */
const BLOCKS_MAX = 28;

/** Accuses correct leaders of more empty blocks in an idle cluster than there are heartbeats; once. */
export class IdleCostChecker {
  readonly #options: IdleCostOptions;
  readonly #proposed = new Set<string>();
  /** When the last idle blocks were proposed first. */
  #times: number[] = [];
  #accused = false;

  constructor(options: IdleCostOptions) {
    this.#options = options;
  }

  /** A correct replica sends a proposal of its own, for the first time or again. */
  proposed(hash: string, now: number): void {
    if (this.#proposed.has(hash)) return;
    this.#proposed.add(hash);
    if (!this.#isIdle(hash)) return;
    const windowMs = WINDOW_BASES * this.#options.baseTimeoutMs;
    this.#times = [...this.#times.filter((time) => now - time < windowMs), now];
    if (this.#accused || this.#times.length <= BLOCKS_MAX) return;
    this.#accused = true;
    const within = Math.round(now - (this.#times[0] ?? now));
    this.#options.accuse(
      'L6',
      `${this.#times.length} empty blocks with nothing to do within ${within} ms; ${BLOCKS_MAX} at most in ${windowMs} ms, for ${3 * WINDOW_BASES} heartbeats`,
    );
  }

  /** Whether it and those below it are empty, each of the view before. */
  #isIdle(hash: string): boolean {
    const { blocks } = this.#options;
    let block = blocks.get(hash);
    for (let resting = 0; resting < RESTING; resting += 1) {
      if (block === undefined || block.bodyBytes > 0) return false;
      if (block.justifyView !== block.view - 1) return false;
      block = blocks.get(block.justifyBlock);
    }
    return block !== undefined && block.bodyBytes === 0;
  }
}
