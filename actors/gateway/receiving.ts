/**
 * From a greeted client's frames to requests. A client that has used up its share of the work, or waits for credit or for
 * answers, is not read: its frames wait in its own socket, and those that were read before stay unopened.
 */
import { decodeFrame } from '../../src/wire/frames.js';
import { giveUp } from './answering.js';
import type { ClientConnection } from './client-connection.js';
import type { GatewayContext } from './context.js';
import { joinFragment } from './half-requests.js';
import { requestArrived, unblock } from './requests.js';
import { workOfFrames } from './work.js';

const WINDOW_TIMER = 'clientWindow';

/** One frame of a client that was greeted. */
export function clientSpoke(context: GatewayContext, client: ClientConnection, bytes: Uint8Array): void {
  if (!context.waiting.has(client)) openFrame(context, client, bytes);
  else hold(context, client, bytes);
  if (isOpen(context, client) && !goesOn(context, client)) wait(context, client);
}

/** Lets those who wait go on as far as they may now, the longest waiting connection first. */
export function releaseHeld(context: GatewayContext): void {
  for (const client of [...context.waiting]) {
    let released = 0;
    while (isOpen(context, client) && goesOn(context, client)) {
      const frame = client.held[released];
      if (frame === undefined) break;
      released += 1;
      client.heldBytes -= frame.byteLength;
      openFrame(context, client, frame);
    }
    client.held.splice(0, released);
    if (client.held.length > 0 || !isOpen(context, client) || !goesOn(context, client)) continue;
    context.waiting.delete(client);
    client.wentOnAt = context.now;
    context.effects.push({ type: 'resumeReading', connection: client.connection });
  }
}

/** A window of work has ended: everyone has a new share. */
export function workWindowEnded(context: GatewayContext): void {
  context.windowTimed = false;
  releaseHeld(context);
  if (context.waiting.size > 0) startWindowTimer(context);
}

/** Passes on the request that waits, if it may; whether the next frame may be looked into then. */
function goesOn(context: GatewayContext, client: ClientConnection): boolean {
  return unblock(context, client) && client.share.left(context.now) > 0;
}

function isOpen({ connections }: GatewayContext, client: ClientConnection): boolean {
  return connections.get(client.connection) === client;
}

function hold(context: GatewayContext, client: ClientConnection, bytes: Uint8Array): void {
  client.held.push(bytes);
  client.heldBytes += bytes.byteLength;
  if (client.heldBytes > context.limits.clientHeldBytes) giveUp(context, client, 'overrun');
}

function wait(context: GatewayContext, client: ClientConnection): void {
  if (context.waiting.has(client)) return;
  context.waiting.add(client);
  context.tally.paused += 1;
  context.effects.push({ type: 'pauseReading', connection: client.connection });
  startWindowTimer(context);
}

function startWindowTimer(context: GatewayContext): void {
  if (context.windowTimed) return;
  context.windowTimed = true;
  context.effects.push({
    type: 'startTimer',
    timer: WINDOW_TIMER,
    delayMs: Math.max(1, context.pace.windowEndsAt - context.now),
    message: { type: 'workWindowEnded' },
  });
}

function openFrame(context: GatewayContext, client: ClientConnection, bytes: Uint8Array): void {
  client.share.charge(workOfFrames(context, { frames: 1, bytes: bytes.byteLength }), context.now);
  const frame = decodeFrame(bytes);
  if (!frame.ok) return giveUp(context, client, frame.reason);
  switch (frame.kind) {
    case 'message':
      return requestArrived(context, client, { encoded: frame.payload, frames: 1 });
    case 'fragment':
      return fragmentArrived(context, client, frame.payload);
    case 'keepalive':
      return;
    default:
      return giveUp(context, client, 'helloAgain');
  }
}

function fragmentArrived(context: GatewayContext, client: ClientConnection, payload: Uint8Array): void {
  const encoded = joinFragment(context, client, payload);
  if (encoded === null) return;
  requestArrived(context, client, { encoded, frames: Math.ceil(encoded.byteLength / context.limits.fragmentBytes) });
}
