/** What clients ask for: commands go to the pool on credit, questions to the actors that know the answers. */

import { decodeClientRequest } from '../../src/wire/client-codec.js';
import type { ClientRequest } from '../../src/wire/client-messages.js';
import type { Command } from '../../src/wire/peer-messages.js';
import { answer, closeClient } from './answering.js';
import type { ClientConnection } from './client-connection.js';
import { countRefusal, type GatewayContext } from './context.js';

type RequestOf<Type extends ClientRequest['type']> = Extract<ClientRequest, { type: Type }>;

/** A whole request as bytes. What cannot be read ends the connection. */
export function requestArrived(context: GatewayContext, client: ClientConnection, encoded: Uint8Array): void {
  const decoding = decodeClientRequest(encoded);
  if (!decoding.ok) {
    countRefusal(context, decoding.reason, client.address);
    closeClient(context, client, decoding.reason);
    return;
  }
  const { message } = decoding;
  if (message.type === 'submit' && message.commands.length > context.limits.commandsPerSubmit) {
    countRefusal(context, 'tooManyCommands', client.address);
    closeClient(context, client, 'tooManyCommands');
    return;
  }
  const bytes = encoded.byteLength;
  if (client.held.length === 0 && affords(context, client, message, bytes)) perform(context, client, message, bytes);
  else holdBack(context, client, message, bytes);
}

/** Whether a request may be passed on now. */
function affords(context: GatewayContext, client: ClientConnection, request: ClientRequest, bytes: number): boolean {
  switch (request.type) {
    case 'attach':
      return true;
    case 'submit':
      return client.credit.affords(bytes) && context.credit.affords(bytes);
    case 'status':
    case 'log':
      return client.questions < context.limits.clientQuestions;
  }
}

function holdBack(context: GatewayContext, client: ClientConnection, request: ClientRequest, bytes: number): void {
  client.held.push({ request, bytes });
  client.heldBytes += bytes;
  if (client.heldBytes > context.limits.clientHeldBytes) {
    countRefusal(context, 'overrun', client.address);
    closeClient(context, client, 'overrun');
    return;
  }
  if (context.waiting.has(client)) return;
  context.waiting.add(client);
  context.tally.paused += 1;
  context.effects.push({ type: 'pauseReading', connection: client.connection });
}

/** Passes on what waits for credit or for answers, as far as that goes now, the longest waiting connection first. */
export function releaseHeld(context: GatewayContext): void {
  for (const client of [...context.waiting]) {
    let released = 0;
    for (const { request, bytes } of client.held) {
      if (!affords(context, client, request, bytes)) break;
      perform(context, client, request, bytes);
      client.heldBytes -= bytes;
      released += 1;
    }
    client.held.splice(0, released);
    if (client.held.length > 0 || !context.waiting.delete(client)) continue;
    context.effects.push({ type: 'resumeReading', connection: client.connection });
  }
}

function perform(context: GatewayContext, client: ClientConnection, request: ClientRequest, bytes: number): void {
  // Closed by an earlier one of the requests that were held.
  if (context.connections.get(client.connection) !== client) return;
  switch (request.type) {
    case 'attach':
      return attach(context, client, request);
    case 'submit':
      return submit(context, client, request, bytes);
    case 'status':
      context.effects.push({
        type: 'send',
        to: 'proposalGenerator',
        message: { type: 'stateHashWanted', token: openQuestion(context, client, request.token) },
      });
      return;
    case 'log':
      return readLog(context, client, request);
  }
}

function attach(context: GatewayContext, client: ClientConnection, { clients }: RequestOf<'attach'>): void {
  for (const session of clients) {
    if (context.sessions.attach(session, client)) continue;
    countRefusal(context, 'tooManySessions', client.address);
    closeClient(context, client, 'tooManySessions');
    return;
  }
}

function submit(context: GatewayContext, client: ClientConnection, request: RequestOf<'submit'>, bytes: number): void {
  const { client: session, commands } = request;
  attach(context, client, { type: 'attach', clients: [session] });
  if (!client.attached.has(session)) return;
  if (!context.sessionQuota.admits(client.address, session, context.now)) {
    countRefusal(context, 'tooManyNewSessions', client.address);
    const sequences = commands.map(sequenceOf);
    answer(context, [client], { type: 'refused', client: session, reason: 'poolFull', sequences });
    return;
  }
  context.tally.submits += 1;
  context.tally.commands += commands.length;
  const { commandBytes } = context.limits;
  const tooLarge = commands.filter((command) => command.bytes.byteLength > commandBytes);
  const fitting = tooLarge.length === 0 ? commands : commands.filter((each) => each.bytes.byteLength <= commandBytes);
  if (tooLarge.length > 0) {
    const sequences = tooLarge.map(sequenceOf);
    answer(context, [client], { type: 'refused', client: session, reason: 'tooLarge', sequences });
  }
  if (fitting.length === 0) return;
  client.credit.charge(bytes);
  context.credit.charge(bytes);
  context.effects.push({
    type: 'send',
    to: 'proposalGenerator',
    message: { type: 'commandsReceived', batch: { client: session, commands: fitting } },
    credit: { account: String(client.connection), units: bytes },
  });
}

function sequenceOf(command: Command): Command['sequence'] {
  return command.sequence;
}

function readLog(context: GatewayContext, client: ClientConnection, request: RequestOf<'log'>): void {
  const { limits } = context;
  context.effects.push({
    type: 'send',
    to: 'storage',
    message: {
      type: 'readRange',
      reader: 'gateway',
      token: openQuestion(context, client, request.token),
      fromHeight: request.fromHeight,
      maxBlocks: Math.min(request.maxBlocks, limits.logBlocks),
      maxBytes: limits.fetchBytes,
    },
  });
}

function openQuestion(context: GatewayContext, asker: ClientConnection, token: number): number {
  const ours = context.nextToken;
  context.nextToken += 1;
  context.questions.set(ours, { asker, token });
  asker.questions += 1;
  return ours;
}
