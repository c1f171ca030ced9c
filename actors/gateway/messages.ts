import type { ClientId, Height, ReplicaId, Sequence, View } from '../../src/protocol/numbers.js';
import type { CreditReturned } from '../../src/runtime/behaviour.js';
import type { RefusalReason } from '../../src/wire/client-messages.js';
import type { Submission } from '../client/messages.js';
import type { ClientReplies } from '../proposal-generator/messages.js';
import type { ConnectionId, SocketMessage } from '../sockets.js';
import type { BlocksRead, EvidenceRead } from '../storage/messages.js';

/** What became of a command that the application on this replica has submitted, which knows it by its ticket. */
export type SubmissionAnswer =
  /** This replica has executed it, in the committed block at `height`. */
  | { readonly kind: 'executed'; readonly ticket: number; readonly height: Height; readonly reply: Uint8Array }
  | { readonly kind: 'refused'; readonly ticket: number; readonly reason: RefusalReason }
  /** It was taken back before it was sent. */
  | { readonly kind: 'withdrawn'; readonly ticket: number };

/** What the gateway takes. */
export type GatewayMessage =
  | { readonly type: 'openGateway' }
  /** From the application on this replica; each is answered once, by its ticket. */
  | ({ readonly type: 'commandSubmitted' } & Submission)
  /** The application waits for it no longer: it is not sent, if it was not yet. */
  | { readonly type: 'commandWithdrawn'; readonly ticket: number }
  | {
      readonly type: 'commandsExecuted';
      readonly height: Height;
      readonly replies: readonly ClientReplies[];
      /** They had run before, and were only asked after again. */
      readonly again: boolean;
    }
  | {
      readonly type: 'commandsRefused';
      readonly client: ClientId;
      readonly sequences: readonly Sequence[];
      readonly reason: RefusalReason;
    }
  | { readonly type: 'viewEntered'; readonly view: View; readonly leader: ReplicaId }
  | { readonly type: 'stateHashed'; readonly token: number; readonly height: Height; readonly stateHash: string }
  | BlocksRead
  | EvidenceRead
  | CreditReturned
  | SocketMessage
  | { readonly type: 'workWindowEnded' }
  /** Some of the application's own commands may have to be sent again. */
  | { readonly type: 'ownCommandsDue' }
  | { readonly type: 'greetingExpired'; readonly connection: ConnectionId }
  /** A half request of this connection may have stood still for too long. */
  | { readonly type: 'halfRequestDue'; readonly connection: ConnectionId }
  | { readonly type: 'flushExpired' }
  | { readonly type: 'stopRequested' };
