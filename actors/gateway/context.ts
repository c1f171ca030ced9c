/** What the parts of the gateway share. */
import type { ClusterConfig } from '../../src/config/cluster.js';
import type { Logger } from '../../src/logger.js';
import type { ReplicaId, View } from '../../src/protocol/numbers.js';
import type { RandomSource } from '../../src/runtime/random-source.js';
import type { Refusals } from '../refusals.js';
import type { GatewayEffect } from '../roles.js';
import type { SessionQuota } from '../session-quota.js';
import type { ConnectionId } from '../sockets.js';
import type { ClientConnection } from './client-connection.js';
import type { ClientPace } from './client-pace.js';
import type { GatewayLimits } from './limits.js';
import type { Credit } from './request-credit.js';
import type { Sessions } from './sessions.js';

/** What `createGateway` takes. */
export interface GatewayOptions {
  readonly id: ReplicaId;
  readonly cluster: ClusterConfig;
  readonly limits: GatewayLimits;
  /** Draws the id of the session in which the application on this replica submits. */
  readonly random: RandomSource;
  readonly log: Logger;
}

/** A client's question that another actor answers under a token of ours. */
export interface OpenQuestion {
  readonly asker: ClientConnection;
  /** The client's own token. */
  readonly token: number;
}

/** What the gateway did so far. */
export interface GatewayTally {
  accepted: number;
  submits: number;
  commands: number;
  repliesFrames: number;
  /** Replies for sessions that nobody is attached to here. */
  unclaimedReplies: number;
  /** Times a connection had to wait for credit, for answers, or for its share of the work. */
  paused: number;
}

/**
 * Everything that the gateway knows. The modules beside this one are functions over it; one message is handled at a
 * time, and the effects of all of them are gathered here in order.
 */
export interface GatewayContext extends GatewayOptions {
  readonly connections: Map<ConnectionId, ClientConnection>;
  readonly sessions: Sessions;
  /** Client ids with commands, by address. */
  readonly sessionQuota: SessionQuota;
  /** Shared by all connections. */
  readonly credit: Credit;
  readonly pace: ClientPace;
  /** Connections that are paused, in the order in which they began to wait. */
  readonly waiting: Set<ClientConnection>;
  readonly questions: Map<number, OpenQuestion>;
  readonly open: Set<ConnectionId>;
  readonly refusals: Refusals;
  readonly tally: GatewayTally;
  view: View;
  leader: ReplicaId;
  nextToken: number;
  nextMessageId: number;
  reassemblyBytes: number;
  /** Bytes that wait to be sent to all clients together. */
  unreadBytes: number;
  /** Whether the timer of the window of work runs. */
  windowTimed: boolean;
  now: number;
  effects: GatewayEffect[];
  stopping: boolean;
  stopped: boolean;
}

/** Counts what was wrong with a client, and logs each kind once, so that a flood of it cannot flood the log. */
export function countRefusal(context: GatewayContext, reason: string, address: string): void {
  context.refusals.count(reason, 'client', { address });
}
