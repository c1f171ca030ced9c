import type { BlockHash, Height, ReplicaId, View } from '../../src/protocol/numbers.js';
import type { FetchAnswer, FetchRequest } from '../../src/wire/peer-messages.js';
import type { BlocksRead } from '../storage/messages.js';

export type SyncMessage =
  /** Consensus lacks `tip` (certified in `tipView`) or an ancestor of it; `from` are peers that should hold it. */
  | {
      readonly type: 'ancestorsMissing';
      readonly tip: BlockHash;
      readonly tipView: View;
      readonly committedHeight: Height;
      readonly committedHash: BlockHash;
      readonly from: readonly ReplicaId[];
    }
  /** Consensus has taken over what arrived, or got it by another way. */
  | {
      readonly type: 'ancestorsSettled';
      readonly committedHeight: Height;
      readonly committedHash: BlockHash;
    }
  | { readonly type: 'fetchRequested'; readonly from: ReplicaId; readonly request: FetchRequest }
  | { readonly type: 'fetchAnswered'; readonly from: ReplicaId; readonly answer: FetchAnswer }
  | BlocksRead
  | { readonly type: 'peerConnected'; readonly peer: ReplicaId }
  | { readonly type: 'peerDisconnected'; readonly peer: ReplicaId }
  | { readonly type: 'fetchTimerExpired'; readonly token: number }
  | { readonly type: 'serveTimerExpired' }
  | { readonly type: 'stopRequested' };
