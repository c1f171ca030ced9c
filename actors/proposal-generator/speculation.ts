import { invariant } from '../../src/errors.js';
import type { BlockHash } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';

/** What the machine built and has applied. */
export interface MachineProposal {
  /** The machine's own name for it, by which it is committed. */
  readonly id: Uint8Array;
  readonly body: Uint8Array;
  /** SHA-256 of a large body, 64 lower-case hex digits: worked out where the machine is called, so that nobody waits for it. */
  readonly bodyHash?: string;
}

/** What a committed block is to the machine. */
export interface CommittedAs {
  /** The proposal of the machine's own that it holds; null for any other block, which is executed. */
  readonly own: MachineProposal | null;
  /** The chain has taken another way than the machine. */
  readonly diverged: boolean;
}

interface Placed {
  readonly proposal: MachineProposal;
  readonly hash: BlockHash;
}

/**
 * What the machine stands at: the proposals that it has made since its last rewind and that are not committed. The oldest
 * of them stand in blocks, the others wait in the buffer, in the order in which the machine made them.
 */
export class Speculation {
  readonly #placed: Placed[] = [];
  readonly #buffer: MachineProposal[] = [];
  /** Blocks with a body, of every branch, that are neither committed nor abandoned. */
  readonly #filled = new Set<BlockHash>();
  /** The machine builds its next proposal, which will be `void` where it was rewound meanwhile. */
  #building: 'nothing' | 'next' | 'void' = 'nothing';

  /** Proposals that stand in no block yet. */
  get buffered(): number {
    return this.#buffer.length;
  }

  /** How many blocks are followed. */
  get size(): number {
    return this.#filled.size;
  }

  /** Whether the machine has been asked for a proposal that it has not answered. */
  get isBuilding(): boolean {
    return this.#building !== 'nothing';
  }

  /** Whether the machine has, or will have by its answer, the effects of a proposal that is not committed. */
  get isAhead(): boolean {
    return this.#placed.length > 0 || this.#buffer.length > 0 || this.#building === 'next';
  }

  /** The proposal that the next block is to hold; null when none waits. */
  get next(): MachineProposal | null {
    return this.#buffer[0] ?? null;
  }

  /**
   * Whether the machine stands at the last block of `branch`, the uncommitted blocks up to it, oldest first: those of them
   * that are not empty are exactly the machine's own.
   */
  standsAt(branch: readonly BlockHash[]): boolean {
    let own = 0;
    for (const hash of branch) {
      if (!this.#filled.has(hash)) continue;
      if (this.#placed[own]?.hash !== hash) return false;
      own += 1;
    }
    return own === this.#placed.length;
  }

  /** The machine is asked for its next proposal. */
  begun(): void {
    this.#building = 'next';
  }

  /** The machine has answered: its next proposal, or null when it has none. What it built before it was rewound is void. */
  built(proposal: MachineProposal | null): void {
    if (proposal !== null && this.#building === 'next') this.#buffer.push(proposal);
    this.#building = 'nothing';
  }

  /** Notes a block of any branch. */
  added({ hash, body }: Block): void {
    if (body.length > 0) this.#filled.add(hash);
  }

  /** Notes the block that holds the first proposal of the buffer. */
  placed(block: Block): void {
    const proposal = this.#buffer.shift();
    invariant(proposal !== undefined, 'a block of the machine’s own holds a proposal from the buffer');
    this.added(block);
    this.#placed.push({ proposal, hash: block.hash });
  }

  /** Takes in a commit; heights come one after the other. Where it diverged, it must be {@link rewound} before the next. */
  committed({ hash, body }: Block): CommittedAs {
    this.#filled.delete(hash);
    const [first] = this.#placed;
    if (first?.hash === hash) {
      this.#placed.shift();
      return { own: first.proposal, diverged: false };
    }
    // An empty block in the place of ours shows when ours is abandoned.
    return { own: null, diverged: body.length > 0 && this.isAhead };
  }

  /** Takes in blocks that will never commit; whether the machine's own are among them. */
  abandoned(hashes: readonly BlockHash[]): boolean {
    for (const hash of hashes) this.#filled.delete(hash);
    return this.#placed.some(({ hash }) => hashes.includes(hash));
  }

  /** Forgets every proposal: the machine is to drop their effects. */
  rewound(): void {
    this.#placed.length = 0;
    this.#buffer.length = 0;
    if (this.#building === 'next') this.#building = 'void';
  }
}
