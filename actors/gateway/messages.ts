import type { ClientId, Height, ReplicaId, Sequence, View } from '../../src/protocol/numbers.js';
import type { CreditReturned } from '../../src/runtime/behaviour.js';
import type { RefusalReason } from '../../src/wire/client-messages.js';
import type { ClientReplies } from '../proposal-generator/messages.js';
import type { ConnectionId, SocketMessage } from '../sockets.js';
import type { BlocksRead, EvidenceRead } from '../storage/messages.js';

/** What the gateway takes. */
export type GatewayMessage =
  | { readonly type: 'openGateway' }
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
  | { readonly type: 'greetingExpired'; readonly connection: ConnectionId }
  | { readonly type: 'flushExpired' }
  | { readonly type: 'stopRequested' };
