import type { BlockHash, Height, ReplicaId, Tenure, View } from '../../src/protocol/numbers.js';
import type { PacemakerRequest, QcOutcome } from './requests.js';

/** What the pacemaker takes. */
export type PacemakerMessage =
  | {
      readonly type: 'viewEntered';
      readonly view: View;
      readonly tenure: Tenure;
      readonly leader: ReplicaId;
      /** Whether it is this replica. */
      readonly leading: boolean;
      /**
       * How the view was entered; `start`: the first one after a start or restart; `commit`: it was entered before, and a
       * commit has decided upon another leader for it.
       */
      readonly by: 'qc' | 'tc' | 'start' | 'commit';
      /** A non-empty block on the high QC's branch is not committed yet: it takes further views to commit it. */
      readonly unfinished: boolean;
    }
  | { readonly type: 'blockCommitted'; readonly height: Height; readonly view: View }
  /** Consensus gave up a tenure for another reason than this actor's timer (it joined, or it resigned). */
  | { readonly type: 'tenureGivenUp'; readonly tenure: Tenure }
  /** Consensus made and signed the block that it was told to propose. */
  | { readonly type: 'blockProposed'; readonly view: View; readonly height: Height; readonly hash: BlockHash }
  /** What became of a block that consensus was asked after; each question is answered once. */
  | { readonly type: 'qcDecided'; readonly block: BlockHash; readonly outcome: QcOutcome | 'unknown' }
  /** From the proposal generator: whether commands wait, and since when the leader is waited for by them (its own clock). */
  | { readonly type: 'workChanged'; readonly waiting: boolean; readonly oldestSince: number | null }
  | { readonly type: 'viewTimerExpired'; readonly view: View }
  | { readonly type: 'resendTimerExpired'; readonly view: View }
  | { readonly type: 'heartbeatDue'; readonly view: View }
  | { readonly type: 'commandTimerExpired' }
  /** From the application, which needs the answer no more. */
  | { readonly type: 'requestCancelled'; readonly request: number }
  | PacemakerRequest
  | { readonly type: 'stopRequested' };

/** Whether a message is a request: it is answered, each with its number, by a stopped pacemaker too. */
export function isRequest(message: PacemakerMessage): message is PacemakerRequest {
  return 'request' in message && message.type !== 'requestCancelled';
}
