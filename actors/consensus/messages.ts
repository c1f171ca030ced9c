import type { HeavyTasks } from '../../src/crypto/heavy-tasks.js';
import type { Equivocation } from '../../src/protocol/evidence.js';
import type { BlockHash, Height, ReplicaId, Tenure, View } from '../../src/protocol/numbers.js';
import type {
  Block,
  Certificates,
  Proposal,
  QuorumCertificate,
  SafetyRecord,
  Timeout,
  Vote,
} from '../../src/protocol/types.js';
import type { OffloadAnswered } from '../../src/runtime/behaviour.js';
import type { BlocksRead } from '../storage/messages.js';

/** What storage found: the strongest safety record, the last committed block, and every block held above it. */
export interface RecoveredStore {
  /** Null for a store that `init` made and nobody used. */
  readonly record: SafetyRecord | null;
  /** Genesis on a new store. */
  readonly committed: Block;
  /** Uncommitted blocks in ascending order of view; a parent stands before its children. */
  readonly uncommitted: readonly Block[];
  /** Proofs of equivocation that were kept. */
  readonly evidence: readonly Equivocation[];
}

/** What consensus takes. */
export type ConsensusMessage =
  | { readonly type: 'recovered'; readonly store: RecoveredStore }
  | { readonly type: 'machineReady' }
  // from peers, decoded, not verified
  | { readonly type: 'proposalReceived'; readonly from: ReplicaId; readonly proposal: Proposal }
  | { readonly type: 'voteReceived'; readonly from: ReplicaId; readonly vote: Vote }
  | { readonly type: 'timeoutReceived'; readonly from: ReplicaId; readonly timeout: Timeout }
  | { readonly type: 'certificatesReceived'; readonly from: ReplicaId; readonly certificates: Certificates }
  | { readonly type: 'peerConnected'; readonly peer: ReplicaId }
  // from the pacemaker
  | { readonly type: 'proposeNow'; readonly view: View; readonly body: 'empty' | 'next' }
  | { readonly type: 'timedOut'; readonly tenure: Tenure }
  | { readonly type: 'resendDue'; readonly view: View }
  /** What becomes of a block is to be told, as soon as it is decided. */
  | { readonly type: 'qcWanted'; readonly block: BlockHash }
  // from the proposal generator
  | {
      readonly type: 'bodyReady';
      readonly view: View;
      readonly parent: BlockHash;
      readonly body: Uint8Array;
      /** SHA-256 of the body, 64 lower-case hex digits, where it is known; otherwise consensus works it out. */
      readonly bodyHash?: string;
    }
  /** The state machine has executed every block up to `height`; it may be told of several at once. */
  | { readonly type: 'blocksExecuted'; readonly height: Height }
  /** The machine is too far behind what is committed, or no longer is. */
  | { readonly type: 'executionBehind'; readonly behind: boolean }
  // from storage: every write up to and including `number` is on the disk, in both places
  | { readonly type: 'writesDurable'; readonly number: number }
  /** Committed blocks that the leader schedule must know of, asked for at the start. */
  | BlocksRead
  // from sync: blocks linked by hash, oldest first, the last one certified by a verified `certificate`
  | { readonly type: 'ancestorsArrived'; readonly blocks: readonly Block[]; readonly certificate: QuorumCertificate }
  | OffloadAnswered<Pick<HeavyTasks, 'verifySignatures'>>
  | { readonly type: 'stopRequested' };
