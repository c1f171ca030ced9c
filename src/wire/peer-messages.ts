/** What replicas say to each other, once decoded. The codecs stand beside it in this folder. */
import type { BlockHash, ClientId, Height, Sequence } from '../protocol/numbers.js';
import type { Block, Certificates, Proposal, QuorumCertificate, Timeout, Vote } from '../protocol/types.js';

/** A client's command. `bytes` is opaque to everything but the state machine. */
export interface Command {
  readonly sequence: Sequence;
  readonly bytes: Uint8Array;
}

/** Commands of one client, in the order in which it sent them. */
export interface CommandBatch {
  readonly client: ClientId;
  readonly commands: readonly Command[];
}

/**
 * Asks for blocks of the committed chain from a height upwards, or for the branch that ends in `tip`
 * down to (not including) `aboveHeight`.
 */
export type FetchRequest =
  | { readonly kind: 'range'; readonly token: number; readonly fromHeight: Height; readonly maxBlocks: number }
  | {
      readonly kind: 'branch';
      readonly token: number;
      readonly tip: BlockHash;
      readonly aboveHeight: Height;
      readonly maxBlocks: number;
    };

/**
 * The answer: blocks oldest first, each the parent of the next, and a certificate for the last one, which may be null
 * where that block is the tip asked for.
 * No blocks and a null certificate: this replica does not have them.
 * `committedHeight` tells how far the answering replica has committed.
 */
export interface FetchAnswer {
  readonly token: number;
  readonly blocks: readonly Block[];
  readonly certificate: QuorumCertificate | null;
  readonly committedHeight: Height;
}

/** What replicas say to each other. */
export type PeerMessage =
  | { readonly type: 'proposal'; readonly proposal: Proposal }
  | { readonly type: 'vote'; readonly vote: Vote }
  | { readonly type: 'timeout'; readonly timeout: Timeout }
  | { readonly type: 'certificates'; readonly certificates: Certificates }
  | { readonly type: 'fetchRequest'; readonly request: FetchRequest }
  | { readonly type: 'fetchAnswer'; readonly answer: FetchAnswer }
  | { readonly type: 'commands'; readonly batches: readonly CommandBatch[] };
