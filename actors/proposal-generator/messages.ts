import type { BlockHash, ClientId, Height, ReplicaId, Sequence, Tenure, View } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { CommandReply, RefusalReason } from '../../src/wire/client-messages.js';
import type { CommandBatch } from '../../src/wire/peer-messages.js';
import type { SessionCopy } from './session.js';
import type { MachineProposal } from './speculation.js';

/** The replies of one block to one client, in the order of the block. */
export interface ClientReplies {
  readonly client: ClientId;
  readonly replies: readonly CommandReply[];
}

/** Replies to commands that had run before: `height` is that of the block in which they ran. */
export interface RepeatedReplies {
  readonly height: Height;
  readonly replies: readonly ClientReplies[];
}

/** Commands of a block that did not run, for the same reason on every correct replica. */
export interface ClientRefusal {
  readonly client: ClientId;
  readonly sequences: readonly Sequence[];
  readonly reason: RefusalReason;
}

/** What one block did: every command of it stands in exactly one of the three. */
export interface ExecutedBlock {
  readonly height: Height;
  readonly replies: readonly ClientReplies[];
  readonly repeated: readonly RepeatedReplies[];
  readonly refused: readonly ClientRefusal[];
}

/** Commands of one client, and the address that it is connected from: its turn among all is that address's. */
export interface ClientCommands {
  readonly batch: CommandBatch;
  readonly address: string;
}

/** The proposals of a speculative machine that no block holds yet. */
export interface ProposalBuffer {
  readonly size: number;
  readonly target: number;
  /** No more are built, and those that are left go into blocks in order. */
  readonly draining: boolean;
}

/** What the proposal generator takes. */
export type ProposalGeneratorMessage =
  /** From storage: the machine is to be rebuilt from the committed log up to `committedHeight`. */
  | { readonly type: 'logRecovered'; readonly committedHeight: Height }
  // from the gateway and from peers
  | ({ readonly type: 'commandsReceived' } & ClientCommands)
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
  | {
      readonly type: 'leaderChanged';
      readonly leader: ReplicaId;
      readonly tenure: Tenure;
      readonly leading: boolean;
      readonly view: View;
      /** Where this replica leads: the uncommitted blocks that its next one would stand on, oldest first. */
      readonly uncommitted: readonly BlockHash[];
    }
  /** From the application: whether its speculative machine is to be asked for proposals. */
  | { readonly type: 'proposalsWanted'; readonly wanted: boolean }
  // from the network
  /** What was sent to it on an earlier connection may never have come. */
  | { readonly type: 'peerConnected'; readonly peer: ReplicaId }
  // from the machine's host
  /** `sessions`: what it remembers of its clients; left out by a machine that takes no commands. */
  | { readonly type: 'machineInitialized'; readonly height: Height; readonly sessions?: readonly SessionCopy[] }
  | ({ readonly type: 'blockExecuted' } & ExecutedBlock)
  /** The machine's next proposal, applied; null when it has none. */
  | { readonly type: 'proposalBuilt'; readonly proposal: MachineProposal | null }
  | { readonly type: 'machineRewound' }
  /** There is more to hash: the machine wants to be called again for it, after what waits. */
  | { readonly type: 'stateHashing'; readonly token: number }
  | { readonly type: 'stateHashed'; readonly token: number; readonly height: Height; readonly stateHash: string }
  | { readonly type: 'machineThrew'; readonly call: string; readonly error: string }
  /** The committed log could not be read to its end while the machine was rebuilt. */
  | { readonly type: 'logFailed'; readonly code: string; readonly detail: string }
  | { readonly type: 'batchTimerExpired' }
  /** The replica stops, and one call of the machine has taken all the time that it may. */
  | { readonly type: 'machineOverdue' }
  /** To itself: the commands accepted in this turn go to the leader in as few messages as they fit into. */
  | { readonly type: 'forwardDue' }
  | { readonly type: 'stopRequested' };

/** Calls go one at a time, in order; each is answered by one message. */
export type MachineEffect =
  | { readonly type: 'initializeMachine'; readonly committedHeight: Height }
  | { readonly type: 'executeBlock'; readonly block: Block }
  // of speculative machines alone
  | { readonly type: 'buildProposal' }
  /** The proposal `id`, which stands in the committed block at `height`, is final, and so is everything before it. */
  | { readonly type: 'commitProposal'; readonly height: Height; readonly id: Uint8Array }
  | { readonly type: 'rewindMachine' }
  | { readonly type: 'hashState'; readonly token: number };
