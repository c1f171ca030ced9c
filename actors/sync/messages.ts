import type { BlockHash, Height, ReplicaId } from '../../src/protocol/numbers.js';
import type { QuorumCertificate } from '../../src/protocol/types.js';
import type { FetchAnswer, FetchRequest } from '../../src/wire/peer-messages.js';
import type { BlocksRead } from '../storage/messages.js';

/** What sync takes. */
export type SyncMessage =
  /** Consensus lacks the block of a verified `certificate` or an ancestor of it; `from` are peers that should hold it. */
  | {
      readonly type: 'ancestorsMissing';
      readonly certificate: QuorumCertificate;
      readonly committedHeight: Height;
      readonly committedHash: BlockHash;
      readonly from: readonly ReplicaId[];
    }
  /**
   * Consensus has taken over what one `ancestorsArrived` brought (each is answered by one of these), or got what was
   * missing by another way. `missing`: it still lacks a block below its high QC.
   */
  | {
      readonly type: 'ancestorsSettled';
      readonly committedHeight: Height;
      readonly committedHash: BlockHash;
      readonly missing: boolean;
    }
  | { readonly type: 'fetchRequested'; readonly from: ReplicaId; readonly request: FetchRequest }
  | { readonly type: 'fetchAnswered'; readonly from: ReplicaId; readonly answer: FetchAnswer }
  | BlocksRead
  | { readonly type: 'peerConnected'; readonly peer: ReplicaId }
  | { readonly type: 'peerDisconnected'; readonly peer: ReplicaId }
  | { readonly type: 'fetchTimerExpired'; readonly token: number }
  | { readonly type: 'serveTimerExpired' }
  | { readonly type: 'stopRequested' };
