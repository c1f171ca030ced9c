/** From a ready peer's frames to messages for the other actors, each on that peer's credit. */
import type { ReplicaId } from '../../src/protocol/numbers.js';
import { decodeFrame } from '../../src/wire/frames.js';
import { answeredToken, readPeerMessage, type UnhashedMessage } from '../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { takeInOrder } from './body-hashing.js';
import type { NetworkContext } from './context.js';
import { countRefusal } from './context.js';
import { accountOf } from './hand-on.js';
import { stepLink } from './link-steps.js';
import { accuseLink } from './misbehaviour.js';
import type { PeerLink } from './peer-link.js';
import { perClass, TRAFFIC_CLASSES, type TrafficClass, trafficClassOf } from './traffic.js';

/** One frame of a peer that was greeted. */
export function peerSpoke(context: NetworkContext, link: PeerLink, bytes: Uint8Array): void {
  const frame = decodeFrame(bytes);
  link.lastHeardAt = context.now;
  if (!frame.ok) {
    accuseLink(context, link, frame.reason);
    return;
  }
  switch (frame.kind) {
    case 'keepalive':
      keepaliveArrived(context, link);
      return;
    case 'message':
      messageArrived(context, link, frame.payload, Number.POSITIVE_INFINITY);
      return;
    case 'fragment': {
      const joined = link.reassembler.accept(frame.payload);
      if (!joined.ok) accuseLink(context, link, joined.reason);
      // What was put together here has memory of its own, which may be given up.
      else if (joined.message !== null) messageArrived(context, link, joined.message, context.offloadBodyBytes);
      return;
    }
    default:
      accuseLink(context, link, 'helloAgain');
  }
}

/** Signs of life ask for no credit; nobody that is alive has so much need to say so. */
function keepaliveArrived(context: NetworkContext, link: PeerLink): void {
  const { limits, now } = context;
  if (now - link.keepalivesSince >= limits.peerCreditWindowMs) {
    link.keepalivesSince = now;
    link.keepalives = 0;
  }
  link.keepalives += 1;
  if (link.keepalives > limits.keepalivesPerWindow) accuseLink(context, link, 'tooManyKeepalives');
}

function messageArrived(context: NetworkContext, link: PeerLink, encoded: Uint8Array, unhashedFrom: number): void {
  if (isUnasked(context, link, encoded)) return;
  const decoding = readPeerMessage(context.cluster.clusterId, encoded, unhashedFrom);
  if (!decoding.ok) {
    accuseLink(context, link, decoding.reason);
    return;
  }
  const arrival = { message: wantedOf(context, link, decoding.message), bytes: encoded.byteLength };
  const trafficClass = trafficClassOf(arrival.message);
  link.tally.received[trafficClass] += 1;
  link.tally.receivedBytes += arrival.bytes;
  if (link.credit.admit(trafficClass, arrival, context.now)) takeInOrder(context, link, trafficClass, arrival);
  else holdBack(context, link);
}

/** Whether the bytes answer what was not asked, as can be told before they are decoded. A correct replica may do it once. */
function isUnasked(context: NetworkContext, link: PeerLink, encoded: Uint8Array): boolean {
  const token = answeredToken(encoded);
  if (token === null) return false;
  const verdict = link.requests.answered(token);
  if (verdict === 'asked') return false;
  link.tally.received.sync += 1;
  link.tally.receivedBytes += encoded.byteLength;
  if (verdict === 'stale') context.refusals.countQuietly('staleAnswer');
  else accuseLink(context, link, 'unaskedAnswer');
  return true;
}

/** The message without commands of more clients than one peer may bring. */
function wantedOf(
  context: NetworkContext,
  { peer }: PeerLink,
  message: PeerMessage | UnhashedMessage,
): PeerMessage | UnhashedMessage {
  if (message.type !== 'commands') return message;
  const { sessionQuota, now } = context;
  const batches = message.batches.filter(({ client }) => sessionQuota.admits(String(peer), client, now));
  if (batches.length === message.batches.length) return message;
  countRefusal(context, peer, 'tooManyNewSessions');
  return { type: 'commands', batches };
}

/**
 * Without credit the peer's own socket is paused; TCP then slows down the peer, and nobody else notices. Forwarded
 * commands wait here first, as many as a correct peer may have under way: its votes come by the same socket.
 */
function holdBack(context: NetworkContext, link: PeerLink): void {
  if (link.connection === null) return;
  if (link.credit.heldBytes > context.limits.heldBytes) {
    countRefusal(context, link.peer, 'overrun');
    stepLink(context, link, { event: { type: 'dropped', dials: link.dials }, reason: 'overrun' });
    return;
  }
  if (link.readingPaused) return;
  if (link.credit.heldMessages === 1) startWindowTimer(context, link);
  if (!link.credit.holdsTooMuch(context.limits.peerHeldCommands)) return;
  link.readingPaused = true;
  link.tally.paused += 1;
  context.effects.push({ type: 'pauseReading', connection: link.connection });
}

/** A consumer has handled messages of a peer: what was held back may go on, and reading with it. */
export function creditRestored(
  context: NetworkContext,
  link: PeerLink,
  returned: { readonly trafficClass: TrafficClass; readonly messages: number; readonly units: number },
): void {
  const { trafficClass, messages, units } = returned;
  link.credit.restore(trafficClass, { messages, bytes: units });
  releaseHeld(context, link, trafficClass);
  resumeReading(context, link);
}

/** Another replica leads, or the same one still: only the leader's proposals have the whole window. */
export function leaderEntered(context: NetworkContext, leader: ReplicaId): void {
  for (const link of context.links.values()) {
    link.credit.setLeading(link.peer === leader);
    if (link.peer !== leader || link.credit.heldMessages === 0) continue;
    releaseHeld(context, link, 'proposals');
    resumeReading(context, link);
  }
}

/** A peer may use its credit anew: what was held back for that goes on. */
export function creditWindowEnded(context: NetworkContext, link: PeerLink): void {
  for (const trafficClass of TRAFFIC_CLASSES) releaseHeld(context, link, trafficClass);
  resumeReading(context, link);
  if (link.credit.heldMessages > 0) startWindowTimer(context, link);
}

function releaseHeld(context: NetworkContext, link: PeerLink, trafficClass: TrafficClass): void {
  for (const arrival of link.credit.release(trafficClass, context.now)) {
    takeInOrder(context, link, trafficClass, arrival);
  }
}

function startWindowTimer({ effects, now }: NetworkContext, { peer, credit }: PeerLink): void {
  effects.push({
    type: 'startTimer',
    timer: `credit ${peer}`,
    delayMs: Math.max(1, credit.windowEndsAt - now),
    message: { type: 'creditWindowEnded', peer },
  });
}

function resumeReading(context: NetworkContext, link: PeerLink): void {
  if (!link.readingPaused || link.connection === null) return;
  if (link.credit.holdsTooMuch(context.limits.peerHeldCommands)) return;
  link.readingPaused = false;
  // It could not be heard while it was not read.
  link.lastHeardAt = context.now;
  context.effects.push({ type: 'resumeReading', connection: link.connection });
}

/** Every account of a link by its name, as the consumers' returns bear it. */
export function accountsOf(
  link: PeerLink,
): readonly (readonly [string, { link: PeerLink; trafficClass: TrafficClass }])[] {
  return Object.values(perClass((trafficClass) => [accountOf(link, trafficClass), { link, trafficClass }] as const));
}
