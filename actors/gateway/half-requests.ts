/** Requests of clients that have come in part. They take memory for as long as the rest may come. */
import { giveUp, halfRequestTimer } from './answering.js';
import type { ClientConnection } from './client-connection.js';
import type { GatewayContext } from './context.js';
import { largestHolder } from './largest-holder.js';

/** Takes the payload of a fragment: the whole request with the last one, else null. What does not belong ends the connection. */
export function joinFragment(
  context: GatewayContext,
  client: ClientConnection,
  payload: Uint8Array,
): Uint8Array | null {
  context.reassemblyBytes -= client.reassembler.heldBytes;
  const joined = client.reassembler.accept(payload);
  context.reassemblyBytes += client.reassembler.heldBytes;
  if (!joined.ok) {
    giveUp(context, client, joined.reason);
    return null;
  }
  client.wentOnAt = context.now;
  if (client.reassembler.heldBytes > 0 && !client.halfTimed) startTimer(context, client, context.limits.halfRequestMs);
  boundHalfRequests(context);
  return joined.message;
}

/** Gives up those that hold most until what is half here of all together is within its bound. */
function boundHalfRequests(context: GatewayContext): void {
  while (context.reassemblyBytes > context.limits.gatewayReassemblyBytes) {
    const client = largestHolder(context.connections.values(), ({ reassembler }) => reassembler.heldBytes);
    if (client === null) return;
    giveUp(context, client, 'tooManyHalfRequests');
  }
}

/**
 * Looks whether a half request has gone on. That of a client which is not read has no chance to: its time begins when it is
 * read again.
 */
export function halfRequestDue(context: GatewayContext, connection: number): void {
  const client = context.connections.get(connection);
  if (client === undefined) return;
  client.halfTimed = false;
  if (client.reassembler.heldBytes === 0) return;
  const since = context.waiting.has(client) ? context.now : client.wentOnAt;
  const left = since + context.limits.halfRequestMs - context.now;
  if (left > 0) startTimer(context, client, left);
  else giveUp(context, client, 'halfRequestTimeout');
}

function startTimer(context: GatewayContext, client: ClientConnection, delayMs: number): void {
  client.halfTimed = true;
  context.effects.push({
    type: 'startTimer',
    timer: halfRequestTimer(client),
    delayMs,
    message: { type: 'halfRequestDue', connection: client.connection },
  });
}
