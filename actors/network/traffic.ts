/** The classes of traffic between replicas: each has its own send lane and its own credit. */
import type { UnhashedMessage } from '../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';

/** In order of sending: what lets views end, then blocks, then answers to replicas left behind, then clients' commands. */
export const TRAFFIC_CLASSES = ['votes', 'proposals', 'sync', 'commands'] as const;
/** What is read from a peer with a credit of its own. */
export type TrafficClass = (typeof TRAFFIC_CLASSES)[number];

const CLASS_OF: Readonly<Record<PeerMessage['type'], TrafficClass>> = {
  vote: 'votes',
  timeout: 'votes',
  certificates: 'votes',
  proposal: 'proposals',
  fetchRequest: 'sync',
  fetchAnswer: 'sync',
  commands: 'commands',
};

/** Returns the class of a message; bodies that are not hashed yet make no difference to it. */
export function trafficClassOf(message: PeerMessage | UnhashedMessage): TrafficClass {
  return CLASS_OF[message.type === 'unhashed' ? message.of : message.type];
}

/** A record with one value for each class. */
export function perClass<T>(make: (trafficClass: TrafficClass) => T): Record<TrafficClass, T> {
  return { votes: make('votes'), proposals: make('proposals'), sync: make('sync'), commands: make('commands') };
}
