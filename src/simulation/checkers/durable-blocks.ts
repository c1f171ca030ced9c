/**
 * S8, of blocks: whatever a vote may help to commit is on the disk of its voter, body and ancestors, before the vote leaves.
 * Two-chain that is the block voted for (its certificate commits its parent, and the next one commits it); three-chain it is the lock, where the vote's certificate would commit it: the first of three blocks in
 * consecutive views (DESIGN section 6). Reads keys and values of the disk, not what the replica believes of it.
 *
 * A block that its replica has given up since, and taken from the disk, was there or is not wanted: nobody is accused of it.
 */
import type { Vote } from '../../protocol/types.js';
import { blockKey, decodeHeight, hashKey } from '../../wire/store-layout.js';
import type { SimulatedDisk } from '../disk.js';
import type { Accuse } from '../violation.js';
import type { SeenBlock, SeenBlocks } from './seen-blocks.js';

interface DurableBlocksOptions {
  readonly rule: 'three-chain' | 'two-chain';
  readonly blocks: SeenBlocks;
  readonly accuse: Accuse;
}

/** Looks on the disk of a voter for what its vote may help to commit. */
export class DurableBlocksChecker {
  readonly #options: DurableBlocksOptions;
  /** By replica: blocks that were found on its disk in this life, as all below them were. */
  readonly #found = new Map<number, Set<string>>();

  constructor(options: DurableBlocksOptions) {
    this.#options = options;
  }

  /** It begins a life: what its disk holds is looked at anew. */
  booted(replica: number): void {
    this.#found.delete(replica);
  }

  /** A correct replica's own vote leaves it. */
  voted(replica: number, disk: SimulatedDisk, vote: Vote): void {
    const { accuse, blocks } = this.#options;
    const found = this.#found.get(replica) ?? new Set();
    this.#found.set(replica, found);
    for (let hash = this.#needed(vote.block); hash !== null && !found.has(hash); ) {
      const block = blocks.get(hash);
      // Genesis is on no disk; and below what nobody has sent, nothing is known.
      if (block?.height === 0 || (block === undefined && hash !== vote.block)) return;
      if (disk.gaveUp.has(hashKey(hash as Vote['block']))) return;
      if (!holds(disk, hash as Vote['block'], block)) {
        const which = hash === vote.block ? '' : ` needs ${hash.slice(0, 8)}, and`;
        accuse(
          'S8',
          `replica ${replica} sent a vote for ${vote.block.slice(0, 8)} of view ${vote.view} that${which} is not on its disk with its body`,
        );
        return;
      }
      found.add(hash);
      hash = block?.justifyBlock ?? null;
    }
  }

  /** The highest block that must be on the disk, or null where none must, or none is known. */
  #needed(voted: string): string | null {
    const { blocks, rule } = this.#options;
    if (rule === 'two-chain') return voted;
    const third = blocks.get(voted);
    const second = third && blocks.get(third.justifyBlock);
    const first = second && blocks.get(second.justifyBlock);
    if (first === undefined || third?.view !== first.view + 2 || second?.view !== first.view + 1) return null;
    return first.hash;
  }
}

function holds(disk: SimulatedDisk, hash: Vote['block'], block: SeenBlock | undefined): boolean {
  const at = disk.entries.get(hashKey(hash));
  const height = at === undefined ? null : decodeHeight(at);
  const value = height === null ? undefined : disk.entries.get(blockKey({ height, hash }));
  return value !== undefined && value.length > (block?.bodyBytes ?? 0);
}
