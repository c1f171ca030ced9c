/** What the network knows of one peer. It outlives connections. */
import { type ConnectionPhase, connectionChart } from '../../machines/connection.machine.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import { Reassembler } from '../../src/wire/fragments.js';
import type { ConnectionId } from '../sockets.js';
import { newTally, type PeerCounters, type PeerTally } from './counters.js';
import type { NetworkLimits } from './limits.js';
import { OpenRequests } from './open-requests.js';
import { type Arrival, createReceiveCredit, type ReceiveCredit } from './receive-credit.js';
import { createSendLanes, type SendLanes } from './send-lanes.js';
import type { TrafficClass } from './traffic.js';

/** One peer: the phase of its connection, what waits in either direction, its counts. Times are those of turns. */
export interface PeerLink {
  readonly peer: ReplicaId;
  /** The lower id of a pair dials; the other one waits. */
  readonly dials: boolean;
  phase: ConnectionPhase;
  /** The one connection in `greeting` and `ready`; null otherwise. */
  connection: ConnectionId | null;
  /** Dials since the peer was last connected for long. */
  attempts: number;
  /** Kinds of problems with dialing that were logged since then. */
  readonly problemsLogged: Set<string>;
  connectedAt: number;
  lastHeardAt: number;
  readingPaused: boolean;
  /** Signs of life in the window that began at `keepalivesSince`. */
  keepalives: number;
  keepalivesSince: number;
  reassembler: Reassembler;
  readonly lanes: SendLanes;
  readonly credit: ReceiveCredit;
  /** By class, what waits for the hashes of bodies: its first message's. On credit, and so bounded by that. */
  readonly hashing: Map<TrafficClass, Arrival[]>;
  readonly requests: OpenRequests;
  readonly tally: PeerTally;
}

/** Makes the link of a peer that was never connected. `dials`: whether this side is the one that dials. */
export function createPeerLink(peer: ReplicaId, dials: boolean, limits: NetworkLimits): PeerLink {
  return {
    peer,
    dials,
    phase: connectionChart.initial,
    connection: null,
    attempts: 0,
    problemsLogged: new Set(),
    connectedAt: 0,
    lastHeardAt: 0,
    readingPaused: false,
    keepalives: 0,
    keepalivesSince: 0,
    reassembler: new Reassembler(limits),
    lanes: createSendLanes({
      bounds: limits.peerSendLanes,
      windowBytes: limits.sendWindowBytes,
      halfSentBytes: limits.reassemblyBytes,
    }),
    credit: createReceiveCredit({
      allowances: limits.peerCredit,
      windowMs: limits.peerCreditWindowMs,
      windowBytes: limits.peerWindowBytes,
      strayProposals: limits.strayProposals,
      windowCommands: limits.peerWindowCommands,
      burstCommands: limits.peerPoolCommands,
    }),
    hashing: new Map(),
    requests: new OpenRequests(limits.openFetchRequests),
    tally: newTally(),
  };
}

/** Binds a link to a new connection, with nothing left of the one before. */
export function bindConnection(link: PeerLink, connection: ConnectionId, limits: NetworkLimits, now: number): void {
  link.connection = connection;
  link.lastHeardAt = now;
  link.readingPaused = false;
  link.requests.reconnected();
  link.reassembler = new Reassembler(limits);
}

/** Forgets the connection and all that waited for it or came over it. */
export function unbindConnection(link: PeerLink): void {
  link.connection = null;
  link.readingPaused = false;
  link.tally.undelivered += link.lanes.clear() + link.credit.dropHeld();
}

/** Returns a peer's counts at this moment; they are copies, which later counting leaves as they are. */
export function countersOf({ peer, phase, readingPaused, lanes, credit, tally }: PeerLink): PeerCounters {
  return {
    peer,
    phase,
    readingPaused,
    heldMessages: credit.heldMessages,
    heldBytes: credit.heldBytes,
    queuedMessages: lanes.queuedMessages,
    queuedBytes: lanes.queuedBytes,
    ...tally,
    received: { ...tally.received },
    sent: { ...tally.sent },
    dropped: { ...tally.dropped },
  };
}
