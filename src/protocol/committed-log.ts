import type { BlockHash, Height } from './numbers.js';
import type { Block } from './types.js';

/**
 * Reads the committed chain of one store, empty blocks included.
 * A state machine is rebuilt from it at a restart, and `hotstuff log` prints it.
 */
export interface CommittedLog {
  /** Height of the last committed block when the log was opened; 0 where only genesis is. */
  readonly committedHeight: Height;
  /**
   * The committed blocks from height `from` up to `committedHeight`, in order and without gaps. Genesis is not among
   * them: it has no body and is the same for everyone.
   * @throws ConfigurationError for what is no height; OperationalError `STORE_DAMAGED` where a block is missing, unreadable or not the child of the one before.
   */
  blocks(from: Height): AsyncIterable<Block>;
  /** The committed block with this hash, or null when there is none. */
  loadBlock(hash: BlockHash): Promise<Block | null>;
}
