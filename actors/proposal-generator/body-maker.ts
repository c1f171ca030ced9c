import type { BlockHash, ReplicaId, View } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { ExecutedBlock } from './messages.js';

/** How much there is for the next body. */
export type Supply = 'nothing' | 'some' | 'aBody';

/** What waits to be committed, as the pacemaker wants to know it. */
export interface WaitingWork {
  readonly waiting: boolean;
  /** Since when the oldest of this replica's own work waits, by the clock of the turns; null without any. */
  readonly oldestSince: number | null;
}

/**
 * What fills the bodies of a leader's blocks, and hears of every block that may hold the same. The proposal generator
 * has one: the pool of commands, for machines that run commands once they are committed.
 */
export interface BodyMaker {
  /** A tenure begins, `leader` null where it is this replica's; a body that consensus has made no block of is void. */
  leaderChanged(leader: ReplicaId | null): void;
  /** The next body is to stand on these uncommitted blocks. */
  standOn(uncommitted: readonly BlockHash[]): void;
  /** Makes the body for the block of `view` on `parent`; empty bytes when there is nothing to propose. */
  make(place: { readonly view: View; readonly parent: BlockHash }): Uint8Array;
  /** Whether the branch in hand holds anything that is not committed. */
  readonly inFlight: boolean;
  readonly supply: Supply;
  readonly work: WaitingWork;
  blockAdded(block: Block): void;
  blockCommitted(block: Block): void;
  blocksAbandoned(hashes: readonly BlockHash[]): void;
  /** The machine has done a committed block. */
  blockExecuted(block: Block, executed: ExecutedBlock): void;
}
