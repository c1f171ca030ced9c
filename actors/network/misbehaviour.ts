/** What follows when somebody sends what no correct replica sends: it is counted, logged once, and the end of it. */
import { countRefusal, type NetworkContext, type Stranger } from './context.js';
import { greetingTimer, stepLink } from './link-steps.js';
import type { PeerLink } from './peer-link.js';

/** Wrong, but what a correct replica of another release sends too: it ends the connection and proves no fault. */
const NO_PROOF: ReadonlySet<string> = new Set(['wrongVersion', 'unknownKind', 'unknownType']);

/** Reasons for which the host of sockets closes a connection that no correct replica gives. */
export const SOCKET_MISBEHAVIOUR: ReadonlySet<string> = new Set([
  'textFrame',
  'frameTooLarge',
  'malformedWebSocket',
  'tooManyParts',
  'unexpectedPing',
  'unexpectedPong',
]);

/** A peer's connection brought what it must not. A proved identity is kept out for a while, a claimed one only closed. */
export function accuseLink(context: NetworkContext, link: PeerLink, reason: string): void {
  countRefusal(context, link.peer, reason);
  const { dials } = link;
  const proves = context.cluster.transport === 'tls' && !NO_PROOF.has(reason);
  stepLink(context, link, { event: proves ? { type: 'misbehaved' } : { type: 'dropped', dials }, reason });
}

/** The same of a connection that has not said who it is; on TLS it has proved it all the same. */
export function accuseStranger(context: NetworkContext, stranger: Stranger, reason: string): void {
  countRefusal(context, stranger.peer ?? 'stranger', reason, stranger.address);
  closeStranger(context, stranger, reason);
  const link = stranger.peer === null ? undefined : context.links.get(stranger.peer);
  if (link !== undefined && !NO_PROOF.has(reason)) stepLink(context, link, { event: { type: 'misbehaved' }, reason });
}

/** Ends an accepted connection that was not greeted. */
export function closeStranger(context: NetworkContext, { connection }: Stranger, reason: string): void {
  context.strangers.delete(connection);
  context.effects.push({ type: 'cancelTimer', timer: greetingTimer(connection) });
  context.effects.push({ type: 'closeConnection', connection, reason });
}
