import type { BlockHash, ClientId, Height, ReplicaId, Tenure, View } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { CommandReply } from '../../src/wire/client-messages.js';
import type { CommandBatch } from '../../src/wire/peer-messages.js';

/** The replies of one block to one client, in the order of the block. */
export interface ClientReplies {
  readonly client: ClientId;
  readonly replies: readonly CommandReply[];
}

export type ProposalGeneratorMessage =
  /** From storage: the machine is to be rebuilt from the committed log up to `committedHeight`. */
  | { readonly type: 'logRecovered'; readonly committedHeight: Height }
  // from the gateway and from peers
  | { readonly type: 'commandsReceived'; readonly batch: CommandBatch }
  | { readonly type: 'commandsForwarded'; readonly from: ReplicaId; readonly batches: readonly CommandBatch[] }
  | { readonly type: 'stateHashWanted'; readonly token: number }
  // from consensus
  | {
      readonly type: 'bodyWanted';
      readonly view: View;
      readonly parent: BlockHash;
      /** Uncommitted ancestors of the block to be, `parent` included; their commands are left out. */
      readonly uncommitted: readonly BlockHash[];
    }
  | { readonly type: 'blockAdded'; readonly block: Block }
  /** Oldest first, without gaps: each height is told once. */
  | { readonly type: 'blocksCommitted'; readonly blocks: readonly Block[] }
  | { readonly type: 'blocksAbandoned'; readonly hashes: readonly BlockHash[] }
  | { readonly type: 'leaderChanged'; readonly leader: ReplicaId; readonly tenure: Tenure; readonly leading: boolean }
  // from the machine's host
  | { readonly type: 'machineInitialized'; readonly height: Height }
  | { readonly type: 'blockExecuted'; readonly height: Height; readonly replies: readonly ClientReplies[] }
  | { readonly type: 'stateHashed'; readonly token: number; readonly height: Height; readonly stateHash: string }
  | { readonly type: 'machineThrew'; readonly call: string; readonly error: string }
  | { readonly type: 'batchTimerExpired' }
  | { readonly type: 'stopRequested' };

/** Calls go one at a time, in order; each is answered by one message. */
export type MachineEffect =
  | { readonly type: 'initializeMachine'; readonly committedHeight: Height }
  | { readonly type: 'executeBlock'; readonly block: Block }
  | { readonly type: 'hashState'; readonly token: number };
