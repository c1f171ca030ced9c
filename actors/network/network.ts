/**
 * The network actor: connections to all peers, framing, credits, sending by priority (DESIGN section 5). It checks
 * frame, size, session and quota, and decodes; what a message means and whether its signature holds is not its business.
 */
import { connectionChart } from '../../machines/connection.machine.js';
import { invariant } from '../../src/errors.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { Behaviour } from '../../src/runtime/behaviour.js';
import { listenerNews } from '../listener-news.js';
import { Refusals } from '../refusals.js';
import type { NetworkEffect } from '../roles.js';
import { createSessionQuota } from '../session-quota.js';
import type { ConnectionId } from '../sockets.js';
import { bodiesHashed } from './body-hashing.js';
import type { NetworkContext } from './context.js';
import type { NetworkCounters } from './counters.js';
import { logFailedDial } from './failed-dials.js';
import { connectionOpened, dialedPeerSpoke, greetingExpired, strangerLeft, strangerSpoke } from './greeting.js';
import { stepLink } from './link-steps.js';
import type { NetworkMessage } from './messages.js';
import { accuseLink, SOCKET_MISBEHAVIOUR } from './misbehaviour.js';
import type { NetworkOptions } from './options.js';
import { countersOf, createPeerLink, type PeerLink } from './peer-link.js';
import { accountsOf, creditRestored, creditWindowEnded, leaderEntered, peerSpoke } from './receiving.js';
import { createMessageEncoder, fillWindow, keepAlive, queueMessage } from './sending.js';
import { beginStop, closeAll, continueStop } from './stopping.js';

export type { NetworkOptions } from './options.js';

/** The network actor and a look at what it counts. */
export interface Network extends Behaviour<NetworkMessage, NetworkEffect> {
  counters(): NetworkCounters;
}

/** Makes the network actor of one replica. */
export function createNetwork(options: NetworkOptions): Network {
  const context = createContext(options);
  const { limits, links } = context;
  const accounts = new Map([...links.values()].flatMap(accountsOf));
  const encoder = createMessageEncoder();
  let keptAliveAt = 0;

  function linkTo(peer: ReplicaId): PeerLink {
    const link = links.get(peer);
    invariant(link !== undefined, 'messages go to other replicas of the cluster, never to oneself');
    return link;
  }

  function handle(message: NetworkMessage): void {
    switch (message.type) {
      case 'openNetwork':
        context.effects.push({ type: 'listen' });
        for (const link of links.values()) stepLink(context, link, { event: { type: 'opened', dials: link.dials } });
        keptAliveAt = context.now;
        return startKeepaliveTimer();
      case 'sendTo':
        return queueMessage(context, encoder, [linkTo(message.to)], message.message);
      case 'broadcast':
        return queueMessage(context, encoder, links.values(), message.message);
      case 'viewEntered':
        return leaderEntered(context, message.leader);
      case 'creditReturned':
        for (const { account, messages, units } of message.accounts) {
          const known = accounts.get(account);
          if (known === undefined) continue;
          creditRestored(context, known.link, { trafficClass: known.trafficClass, messages, units });
        }
        return;
      case 'listening':
      case 'listenFailed':
        context.effects.push(listenerNews('network', message));
        return;
      case 'connectionOpened':
        return connectionOpened(context, message);
      case 'dialFailed':
        return dialFailed(message.peer, message.reason);
      case 'frameReceived':
        return frameReceived(message.connection, message.frame);
      case 'offloadAnswered':
        return bodiesHashed(context, message.id, message.result);
      case 'transmitted':
        return transmitted(message.connection, message.bytes);
      case 'connectionClosed':
        return connectionClosed(message.connection, message.reason);
      case 'dialDue':
        return stepLink(context, linkTo(message.peer), { event: { type: 'dialDue' } });
      case 'greetingExpired':
        return greetingExpired(context, message.connection);
      case 'banExpired': {
        const link = linkTo(message.peer);
        return stepLink(context, link, { event: { type: 'banExpired', dials: link.dials } });
      }
      case 'creditWindowEnded':
        return creditWindowEnded(context, linkTo(message.peer));
      case 'keepaliveDue':
        keepAlive(context, context.now - keptAliveAt);
        keptAliveAt = context.now;
        return startKeepaliveTimer();
      case 'stopRequested':
        return beginStop(context);
      case 'flushExpired':
        return closeAll(context);
    }
  }

  function startKeepaliveTimer(): void {
    if (context.stopping) return;
    const { keepaliveMs } = limits;
    context.effects.push({
      type: 'startTimer',
      timer: 'keepalive',
      delayMs: keepaliveMs,
      message: { type: 'keepaliveDue' },
    });
  }

  function dialFailed(peer: ReplicaId, reason: string): void {
    const link = linkTo(peer);
    link.tally.dialsFailed += 1;
    logFailedDial(context, link, reason);
    stepLink(context, link, { event: { type: 'dialFailed' } });
  }

  function frameReceived(connection: ConnectionId, frame: Uint8Array): void {
    if (context.stopping) return;
    const link = context.bound.get(connection);
    if (link?.phase === 'ready') return peerSpoke(context, link, frame);
    if (link !== undefined) return dialedPeerSpoke(context, link, frame);
    const stranger = context.strangers.get(connection);
    // Else it is a connection that we are closing.
    if (stranger !== undefined) strangerSpoke(context, stranger, frame);
  }

  function transmitted(connection: ConnectionId, bytes: number): void {
    const link = context.bound.get(connection);
    if (link === undefined) return;
    link.lanes.transmitted(bytes);
    if (link.phase === 'ready') fillWindow(context, link);
    continueStop(context);
  }

  function connectionClosed(connection: ConnectionId, reason: string): void {
    context.open.delete(connection);
    const link = context.bound.get(connection);
    const stranger = context.strangers.get(connection);
    if (stranger !== undefined) strangerLeft(context, stranger);
    if (link !== undefined && SOCKET_MISBEHAVIOUR.has(reason)) accuseLink(context, link, reason);
    else if (link !== undefined) stepLink(context, link, { event: { type: 'disconnected', dials: link.dials } });
    continueStop(context);
  }

  return {
    receive(message, turn) {
      context.now = turn.now;
      context.effects = [];
      handle(message);
      return context.effects;
    },
    counters: () => ({
      peers: [...links.values()].map(countersOf),
      strangers: context.strangers.size,
      refusals: context.refusals.counts(),
    }),
  };
}

function createContext(options: NetworkOptions): NetworkContext {
  const { id, cluster, limits } = options;
  const peers = cluster.replicas.filter((replica) => replica.id !== id);
  return {
    ...options,
    chart: (options.chart ?? connectionChart) as typeof connectionChart,
    links: new Map(peers.map((peer) => [peer.id, createPeerLink(peer.id, id < peer.id, limits)])),
    bound: new Map(),
    sessionQuota: createSessionQuota({
      ofSource: limits.peerSessions,
      ofAll: Number.POSITIVE_INFINITY,
      known: 0,
      windowMs: limits.sessionQuotaWindowMs,
    }),
    offloadBodyBytes: options.offloadBodyBytes ?? Number.POSITIVE_INFINITY,
    hashing: new Map(),
    lastTask: 0,
    strangers: new Map(),
    open: new Set(),
    refusals: new Refusals((facts) => options.log.warn('peerRefused', facts)),
    now: 0,
    effects: [],
    stopping: false,
    stopped: false,
  };
}
