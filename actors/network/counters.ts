/** What the network actor counts, for metrics and tests. */
import type { ConnectionPhase } from '../../machines/connection.machine.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import { perClass, type TrafficClass } from './traffic.js';

/** Counts of one peer, over all its connections. Bytes are of encoded messages, without frames. */
export interface PeerTally {
  readonly received: Record<TrafficClass, number>;
  readonly sent: Record<TrafficClass, number>;
  /** Older messages that made room for newer ones. */
  readonly dropped: Record<TrafficClass, number>;
  receivedBytes: number;
  sentBytes: number;
  /** Messages for which there was no connection, and those that went with one. */
  undelivered: number;
  /** Times the socket was paused for want of credit. */
  paused: number;
  connected: number;
  dialsFailed: number;
}

/** Returns the tally of a peer to which there was no connection yet. */
export function newTally(): PeerTally {
  const zeros = (): Record<TrafficClass, number> => perClass(() => 0);
  return {
    received: zeros(),
    sent: zeros(),
    dropped: zeros(),
    receivedBytes: 0,
    sentBytes: 0,
    undelivered: 0,
    paused: 0,
    connected: 0,
    dialsFailed: 0,
  };
}

/** One peer at one moment. */
export interface PeerCounters extends Readonly<PeerTally> {
  readonly peer: ReplicaId;
  readonly phase: ConnectionPhase;
  readonly readingPaused: boolean;
  readonly heldMessages: number;
  readonly heldBytes: number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
}

/** What the network actor has counted so far, and what it holds at this moment. */
export interface NetworkCounters {
  readonly peers: readonly PeerCounters[];
  /** Accepted connections whose hello has not come. */
  readonly strangers: number;
  /** How often each thing was refused or found wrong, by its literal name. */
  readonly refusals: Readonly<Record<string, number>>;
}
