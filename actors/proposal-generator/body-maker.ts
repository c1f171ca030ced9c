import type { BlockHash, ClientId, ReplicaId, Sequence, View } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { CommandBatch } from '../../src/wire/peer-messages.js';
import type { ClientCommands, ExecutedBlock } from './messages.js';
import type { SessionCopy } from './session.js';
import type { CommittedAs } from './speculation.js';

/** How much there is for the next body; `some` too where only further blocks bring what there is into a body. */
export type Supply = 'nothing' | 'some' | 'aBody';

/** What waits to be committed, as the pacemaker wants to know it. */
export interface WaitingWork {
  readonly waiting: boolean;
  /**
   * Since when the leader is waited for by this replica's own work, by the clock of the turns; null without any, and where this
   * replica leads.
   */
  readonly oldestSince: number | null;
}

/** The bytes of a body, and their hash where they were many and it is known by now: see `MachineProposal`. */
export interface MadeBody {
  readonly body: Uint8Array;
  readonly bodyHash?: string;
}

/** A tenure's beginning. */
export interface NewLeader {
  /** Null where it is this replica. */
  readonly leader: ReplicaId | null;
  readonly view: View;
  /** The uncommitted blocks that the leader's first would stand on, oldest first. */
  readonly uncommitted: readonly BlockHash[];
}

/**
 * What fills the bodies of a leader's blocks, and hears of every block that may hold the same. The proposal generator
 * has one: the pool of commands, for machines that run commands once they are committed, or the proposals that a
 * speculative machine has built.
 */
export interface BodyMaker {
  /** A tenure begins; a body that consensus has made no block of is void. */
  leaderChanged(tenure: NewLeader): void;
  /** A body is wanted for the block of `view`, on these uncommitted blocks. */
  standOn(place: { readonly view: View; readonly uncommitted: readonly BlockHash[] }): void;
  /** Makes the body for the block of `view` on `parent`; empty bytes when there is nothing to propose. */
  make(place: { readonly view: View; readonly parent: BlockHash }): MadeBody;
  /** What the body that is wanted may wait for: more commands, as long as the batch timer allows, or the machine. */
  readonly awaits: 'nothing' | 'company' | 'machine';
  readonly supply: Supply;
  readonly work: WaitingWork;
  blockAdded(block: Block): void;
  /** What the block is to the machine; where it diverged, the machine is rewound before it hears of the block. */
  blockCommitted(block: Block): CommittedAs;
  /** Whether the machine has diverged by that, and is to be rewound. */
  blocksAbandoned(hashes: readonly BlockHash[]): boolean;
  /** The machine has done a committed block. */
  blockExecuted(block: Block, executed: ExecutedBlock): void;
}

/** Takes the commands of clients and peers, or refuses them. */
export interface CommandIntake {
  fromClient(received: ClientCommands, now: number): void;
  fromPeer(peer: ReplicaId, batches: readonly CommandBatch[], now: number): void;
  /** The machine stands at the recovered height, and this is what it remembers of its clients. */
  recovered(sessions: readonly SessionCopy[]): void;
  /** A connection to a peer is new: what was on the way to it may be lost. */
  peerConnected(peer: ReplicaId): void;
  /** Refuses what comes while the replica stops. */
  refuseAll(batch: CommandBatch): void;
  /** Sends to the leader what is due. */
  forward(): void;
  counters(): CommandCounters;
}

/** What is counted of commands. */
export interface CommandCounters {
  /** Commands that the machine has executed in this life, none twice. */
  readonly executed: number;
  /** Commands of clients that were refused, for whatever reason. */
  readonly refused: number;
  /** Forwarded commands for which their peer's space had no room. */
  readonly turnedAway: number;
  /** The command that this replica took from a client of its own first, of those that are not done; null without any. */
  readonly oldest: { readonly client: ClientId; readonly sequence: Sequence } | null;
  /** Commands here, of clients and peers, that stand in no block of the branch that this replica last led, at this moment. */
  readonly waiting: number;
}
