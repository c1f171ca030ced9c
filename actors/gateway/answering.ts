/** From answers to frames on clients' sockets. A client that does not read is given up; nobody waits for it. */
import { encodeClientAnswer } from '../../src/wire/client-codec.js';
import type { ClientAnswer } from '../../src/wire/client-messages.js';
import { framesOf } from '../../src/wire/fragments.js';
import type { ClientConnection } from './client-connection.js';
import { countRefusal, type GatewayContext } from './context.js';
import { largestHolder } from './largest-holder.js';
import { countUnread } from './unread.js';

const MESSAGE_IDS = 2 ** 32;

/** Encodes an answer once and queues it for every one of `receivers`. */
export function answer(context: GatewayContext, receivers: Iterable<ClientConnection>, message: ClientAnswer): number {
  let frames: readonly Uint8Array[] | null = null;
  let count = 0;
  for (const receiver of receivers) {
    frames ??= framesFor(context, message);
    for (const frame of frames) receiver.outbox.push(frame);
    count += 1;
    fillWindow(context, receiver);
  }
  return count;
}

function framesFor(context: GatewayContext, message: ClientAnswer): readonly Uint8Array[] {
  context.nextMessageId = (context.nextMessageId + 1) % MESSAGE_IDS;
  return [...framesOf(context.nextMessageId, encodeClientAnswer(message))];
}

/** Queues one frame that is no answer: the greeting. */
export function sendFrame(context: GatewayContext, receiver: ClientConnection, frame: Uint8Array): void {
  receiver.outbox.push(frame);
  fillWindow(context, receiver);
}

/** Hands frames to the socket while the window has room, and a leader hint when all the rest has gone. */
export function fillWindow(context: GatewayContext, receiver: ClientConnection): void {
  const { connection, outbox } = receiver;
  for (let frame = outbox.next(); frame !== null; frame = outbox.next()) {
    context.effects.push({ type: 'transmit', connection, frame });
  }
  countUnread(context, receiver);
  if (outbox.waitingBytes > context.limits.clientSendBytes) {
    giveUp(context, receiver, 'tooSlow');
  } else if (receiver.hintDue && outbox.idle) {
    receiver.hintDue = false;
    answer(context, [receiver], { type: 'leader', view: context.view, leader: context.leader });
  }
  boundUnread(context);
}

/** Gives up clients that do not read until what waits for all together is within its bound. */
function boundUnread(context: GatewayContext): void {
  while (context.unreadBytes > context.limits.gatewaySendBytes) {
    const client = largestHolder(context.connections.values(), ({ unreadBytes }) => unreadBytes);
    if (client === null) return;
    giveUp(context, client, 'tooMuchUnread');
  }
}

/** Tells a client who leads, now or when it has taken what was sent before: hints never pile up. */
export function hintLeader(context: GatewayContext, receiver: ClientConnection): void {
  receiver.hintDue = true;
  fillWindow(context, receiver);
}

/** Closes a connection for what came of it, and counts why. */
export function giveUp(context: GatewayContext, client: ClientConnection, reason: string): void {
  countRefusal(context, reason, client.address);
  closeClient(context, client, reason);
}

/** Forgets a connection and all it waited for, and closes it. */
export function closeClient(context: GatewayContext, client: ClientConnection, reason: string): void {
  context.effects.push({ type: 'closeConnection', connection: client.connection, reason });
  forgetClient(context, client);
}

/** Forgets a connection: nothing of it is left behind but commands that are in the pool. */
export function forgetClient(context: GatewayContext, client: ClientConnection): void {
  context.connections.delete(client.connection);
  countUnread(context, client);
  context.waiting.delete(client);
  context.sessions.detachAll(client);
  client.share.leave(context.now);
  context.reassemblyBytes -= client.reassembler.heldBytes;
  for (const [token, { asker }] of context.questions) if (asker === client) context.questions.delete(token);
  context.effects.push({ type: 'cancelTimer', timer: greetingTimer(client) });
  if (client.halfTimed) context.effects.push({ type: 'cancelTimer', timer: halfRequestTimer(client) });
}

/** Returns the name of the timer that ends the wait for a client's hello. */
export function greetingTimer(client: ClientConnection): string {
  return `greeting ${client.connection}`;
}

/** Returns the name of the timer that looks after a client's half requests. */
export function halfRequestTimer(client: ClientConnection): string {
  return `half request ${client.connection}`;
}
