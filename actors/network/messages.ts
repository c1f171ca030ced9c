import type { HeavyTasks } from '../../src/crypto/heavy-tasks.js';
import type { ReplicaId, View } from '../../src/protocol/numbers.js';
import type { CreditReturned, OffloadAnswered } from '../../src/runtime/behaviour.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import type { SocketMessage } from '../sockets.js';

/** What network takes. */
export type NetworkMessage =
  /** Start to listen and to dial. */
  | { readonly type: 'openNetwork' }
  | { readonly type: 'sendTo'; readonly to: ReplicaId; readonly message: PeerMessage }
  /** To all peers, not to oneself. */
  | { readonly type: 'broadcast'; readonly message: PeerMessage }
  | { readonly type: 'viewEntered'; readonly view: View; readonly leader: ReplicaId }
  | CreditReturned
  | SocketMessage
  | OffloadAnswered<Pick<HeavyTasks, 'hashBodies'>>
  | { readonly type: 'dialDue'; readonly peer: ReplicaId }
  | { readonly type: 'greetingExpired'; readonly connection: number }
  | { readonly type: 'banExpired'; readonly peer: ReplicaId }
  | { readonly type: 'creditWindowEnded'; readonly peer: ReplicaId }
  | { readonly type: 'keepaliveDue' }
  | { readonly type: 'flushExpired' }
  | { readonly type: 'stopRequested' };
