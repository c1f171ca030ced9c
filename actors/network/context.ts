/** What the parts of the network actor share. */
import type { connectionChart } from '../../machines/connection.machine.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { Refusals } from '../refusals.js';
import type { NetworkEffect } from '../roles.js';
import type { SessionQuota } from '../session-quota.js';
import type { ConnectionId } from '../sockets.js';
import type { NetworkOptions } from './options.js';
import type { PeerLink } from './peer-link.js';
import type { TrafficClass } from './traffic.js';

/** An accepted connection whose hello has not come. */
export interface Stranger {
  readonly connection: ConnectionId;
  /** Whose key it proved, on TLS. */
  readonly peer: ReplicaId | null;
  readonly address: string;
}

/**
 * Everything that the network actor knows. The modules beside this one are functions over it; one message is handled at
 * a time, and the effects of all of them are gathered here in order.
 */
export interface NetworkContext extends Required<NetworkOptions> {
  readonly chart: typeof connectionChart;
  readonly links: ReadonlyMap<ReplicaId, PeerLink>;
  /** Connections in greeting or ready, by number. */
  readonly bound: Map<ConnectionId, PeerLink>;
  /** Client ids with commands, by the peer that forwarded them. */
  readonly sessionQuota: SessionQuota;
  readonly strangers: Map<ConnectionId, Stranger>;
  /** All that were opened and not yet closed, those that we are closing included. */
  readonly open: Set<ConnectionId>;
  readonly refusals: Refusals;
  /** Whose bodies the pool hashes, by the number of the task. */
  readonly hashing: Map<number, { readonly link: PeerLink; readonly trafficClass: TrafficClass }>;
  /** The number of the last task that was offloaded. */
  lastTask: number;
  now: number;
  effects: NetworkEffect[];
  stopping: boolean;
  stopped: boolean;
}

/** Whom a refusal is about: a peer whose identity is claimed at least, or nobody that has a name. */
export type Culprit = ReplicaId | 'stranger';

/** Counts what was found wrong and logs it, once for each peer and kind, so that a flood of it cannot flood the log. */
export function countRefusal(context: NetworkContext, culprit: Culprit, reason: string, address = ''): void {
  context.refusals.count(reason, culprit, { peer: culprit, ...(address === '' ? {} : { address }) });
}
