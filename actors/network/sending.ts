/** From messages for peers to frames on sockets, most urgent first and no more at a time than the window. */
import { invariant } from '../../src/errors.js';
import { framesAsAsked } from '../../src/wire/fragments.js';
import { encodeFrame } from '../../src/wire/frames.js';
import { peerMessageParts } from '../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import type { NetworkContext } from './context.js';
import { stepLink, transmitDirectly } from './link-steps.js';
import type { PeerLink } from './peer-link.js';
import type { OutgoingMessage } from './send-lanes.js';
import { trafficClassOf } from './traffic.js';

const MESSAGE_IDS = 2 ** 32;

/** Encodes a message once for however many peers. */
export interface MessageEncoder {
  encode(message: PeerMessage): OutgoingMessage;
}

/** Numbers messages across all connections, so that one encoding serves them all. */
export function createMessageEncoder(): MessageEncoder {
  let nextId = 0;
  return {
    encode(message) {
      const parts = peerMessageParts(message);
      const frames = framesAsAsked(nextId, parts);
      nextId = (nextId + 1) % MESSAGE_IDS;
      return { frames, bytes: parts.reduce((sum, part) => sum + part.length, 0) };
    },
  };
}

/** Queues one message for `targets`. A peer that is not connected gets nothing: what it lacks it asks for later. */
export function queueMessage(
  context: NetworkContext,
  encoder: MessageEncoder,
  targets: Iterable<PeerLink>,
  message: PeerMessage,
): void {
  const trafficClass = trafficClassOf(message);
  let outgoing: OutgoingMessage | null = null;
  for (const link of targets) {
    if (link.phase !== 'ready') {
      link.tally.undelivered += 1;
      continue;
    }
    outgoing ??= encoder.encode(message);
    if (message.type === 'fetchRequest') link.requests.asked(message.request.token);
    link.tally.dropped[trafficClass] += link.lanes.enqueue(trafficClass, outgoing);
    link.tally.sent[trafficClass] += 1;
    link.tally.sentBytes += outgoing.bytes;
    fillWindow(context, link);
  }
}

/** Hands frames to the socket while the window has room. */
export function fillWindow(context: NetworkContext, link: PeerLink): void {
  const { connection, lanes } = link;
  invariant(connection !== null, 'frames go to a link that has a connection');
  for (let frame = lanes.next(); frame !== null; frame = lanes.next()) {
    context.effects.push({ type: 'transmit', connection, frame });
  }
}

const KEEPALIVE = encodeFrame('keepalive');

/** A sign of life to every quiet peer, and the end of connections whose other side has been silent too long. */
export function keepAlive(context: NetworkContext, sinceLastMs: number): void {
  const { limits, now } = context;
  // Late ourselves, by a stopped process or a busy machine, we have not listened and can blame nobody.
  const listened = sinceLastMs < limits.silenceMs;
  for (const link of context.links.values()) {
    if (link.phase !== 'ready') continue;
    if (!listened || link.readingPaused) link.lastHeardAt = now;
    if (now - link.lastHeardAt >= limits.silenceMs) {
      context.log.info('peerSilent', { peer: link.peer });
      stepLink(context, link, { event: { type: 'dropped', dials: link.dials }, reason: 'silent' });
    } else if (link.lanes.inFlightBytes === 0) {
      // With bytes under way the socket is busy or stuck, and one more frame would tell the other side nothing.
      transmitDirectly(context, link, KEEPALIVE);
    }
  }
}
