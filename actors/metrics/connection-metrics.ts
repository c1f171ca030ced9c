/** Metrics of the connections: to peers, by peer, and to clients. */
import type { MetricSample } from '../../src/metric-family.js';
import type { PeerCounters } from '../network/counters.js';
import { counter, countsOf, found, gauge, type Metric, own, ownBy, ownOf, type Read, sampleOf } from './metric.js';
import type { Snapshot } from './snapshot.js';

const PEER = ['peer'];
const PEER_CLASS = ['peer', 'class'];

/** Of each other replica. */
export const PEER_METRICS: readonly Metric[] = [
  gauge(
    'hotstuff_peer_connected',
    '1 while a greeted connection to the peer stands.',
    ofPeers(({ phase }) => (phase === 'ready' ? 1 : 0)),
    PEER,
  ),
  counter('hotstuff_peer_connections_total', 'Connections to the peer that were greeted.', peers('connected'), PEER),
  counter('hotstuff_peer_dials_failed_total', 'Dials of the peer that failed.', peers('dialsFailed'), PEER),
  counter(
    'hotstuff_peer_received_messages_total',
    'Messages of the peer, by class of traffic.',
    peersByClass('received'),
    PEER_CLASS,
  ),
  counter('hotstuff_peer_sent_messages_total', 'Messages sent to it.', peersByClass('sent'), PEER_CLASS),
  counter(
    'hotstuff_peer_dropped_messages_total',
    'Messages to it that made room for newer ones while they waited to be sent.',
    peersByClass('dropped'),
    PEER_CLASS,
  ),
  counter(
    'hotstuff_peer_undelivered_messages_total',
    'Messages to it without a connection, and messages of either side that went with one.',
    peers('undelivered'),
    PEER,
  ),
  counter('hotstuff_peer_received_bytes_total', 'Bytes of its messages, without frames.', peers('receivedBytes'), PEER),
  counter('hotstuff_peer_sent_bytes_total', 'Bytes of messages to it, without frames.', peers('sentBytes'), PEER),
  gauge('hotstuff_peer_queued_messages', 'Messages that wait to be sent to it.', peers('queuedMessages'), PEER),
  gauge('hotstuff_peer_queued_bytes', 'Bytes of these.', peers('queuedBytes'), PEER),
  gauge(
    'hotstuff_peer_held_messages',
    'Messages of the peer that wait for credit of the actor that takes them.',
    peers('heldMessages'),
    PEER,
  ),
  gauge('hotstuff_peer_held_bytes', 'Bytes of these.', peers('heldBytes'), PEER),
  gauge(
    'hotstuff_peer_reading_paused',
    '1 while its socket is not read, for want of credit.',
    ofPeers(({ readingPaused }) => (readingPaused ? 1 : 0)),
    PEER,
  ),
  counter('hotstuff_peer_pauses_total', 'Times that its socket was paused so.', peers('paused'), PEER),
];

/** Of both ports together, and of who is not known yet. */
export const PORT_METRICS: readonly Metric[] = [
  counter(
    'hotstuff_connections_refused_total',
    'Connections that were refused, by port (peer, client) and cause.',
    (snapshot) => [...refusedOf(snapshot, 'network', 'peer'), ...refusedOf(snapshot, 'gateway', 'client')],
    ['port', 'cause'],
  ),
  gauge('hotstuff_strangers', 'Connections on the peer port that have not greeted.', own('network', 'strangers')),
  counter(
    'hotstuff_network_refusals_total',
    'What peers sent that the network refused, by reason.',
    ownBy('reason', 'network', 'refusals'),
    ['reason'],
  ),
];

/** Of the clients. */
export const CLIENT_METRICS: readonly Metric[] = [
  gauge('hotstuff_client_connections', 'Connections of clients.', own('gateway', 'connections')),
  gauge('hotstuff_client_sessions', 'Client ids whose replies somebody waits for here.', own('gateway', 'sessions')),
  gauge(
    'hotstuff_clients_waiting',
    'Connections of clients that wait for credit, for answers, or for their share of the work.',
    own('gateway', 'waiting'),
  ),
  counter('hotstuff_clients_accepted_total', 'Connections of clients that were greeted.', own('gateway', 'accepted')),
  counter('hotstuff_client_submits_total', 'Messages of clients with commands.', own('gateway', 'submits')),
  counter('hotstuff_client_commands_total', 'Commands in these.', own('gateway', 'commands')),
  counter(
    'hotstuff_client_reply_messages_total',
    'Messages with replies that were sent.',
    own('gateway', 'repliesFrames'),
  ),
  counter(
    'hotstuff_client_unclaimed_replies_total',
    'Replies for which no client waited here.',
    own('gateway', 'unclaimedReplies'),
  ),
  counter(
    'hotstuff_client_pauses_total',
    'Times that a client had to wait for one of these.',
    own('gateway', 'paused'),
  ),
  counter(
    'hotstuff_client_refusals_total',
    'What clients sent that the gateway refused, by reason.',
    ownBy('reason', 'gateway', 'refusals'),
    ['reason'],
  ),
  counter(
    'hotstuff_own_commands_total',
    'Commands that the application on this replica has submitted.',
    own('gateway', 'ownSubmitted'),
  ),
  gauge('hotstuff_own_commands_unanswered', 'Those that have no answer yet.', own('gateway', 'ownUnanswered')),
];

type NumberOfPeer = { [Key in keyof PeerCounters]: PeerCounters[Key] extends number ? Key : never }[keyof PeerCounters];

function peers(name: Exclude<NumberOfPeer, 'peer'>): Read {
  return ofPeers((counters) => counters[name]);
}

function ofPeers(pick: (counters: PeerCounters) => unknown): Read {
  return (snapshot) => peersOf(snapshot).flatMap((counters) => sampleOf(pick(counters), { peer: `${counters.peer}` }));
}

function peersByClass(name: 'received' | 'sent' | 'dropped'): Read {
  return (snapshot) =>
    peersOf(snapshot).flatMap((counters) => countsOf('class', counters[name], { peer: `${counters.peer}` }));
}

/** None where another network than ours counts other things. */
function peersOf(snapshot: Snapshot): readonly PeerCounters[] {
  const counted = found(ownOf(snapshot, 'network'), 'peers');
  return Array.isArray(counted) ? counted.filter((peer) => typeof found(peer, 'peer') === 'number') : [];
}

function refusedOf({ replica }: Snapshot, role: string, port: string): readonly MetricSample[] {
  return countsOf('cause', found(replica?.actors?.[role]?.port ?? null, 'refused'), { port });
}
