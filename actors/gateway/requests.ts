/** What clients ask for: commands go to the pool on credit, questions to the actors that know the answers. */

import { decodeClientRequest } from '../../src/wire/client-codec.js';
import type { ClientRequest } from '../../src/wire/client-messages.js';
import type { Command } from '../../src/wire/peer-messages.js';
import { answer, giveUp } from './answering.js';
import type { ClientConnection, HeldRequest } from './client-connection.js';
import { countRefusal, type GatewayContext } from './context.js';
import { workOfFrames } from './work.js';

type RequestOf<Type extends ClientRequest['type']> = Extract<ClientRequest, { type: Type }>;

/** A whole request as bytes, out of `frames` frames. What cannot be read ends the connection. */
export function requestArrived(
  context: GatewayContext,
  client: ClientConnection,
  { encoded, frames }: { readonly encoded: Uint8Array; readonly frames: number },
): void {
  const decoding = decodeClientRequest(encoded);
  if (!decoding.ok) {
    giveUp(context, client, decoding.reason);
    return;
  }
  const { message } = decoding;
  if (message.type === 'submit' && message.commands.length > context.limits.commandsPerSubmit) {
    giveUp(context, client, 'tooManyCommands');
    return;
  }
  const { byteLength } = encoded;
  client.share.charge(workOf(context, message), context.now);
  if (message.type === 'submit') {
    const { length } = message.commands;
    client.share.submitted(length, workOfFrames(context, { frames, bytes: byteLength }) + workOf(context, message));
  }
  const held = { request: message, bytes: byteLength + overheadOf(context, message) };
  if (affords(context, client, held)) perform(context, client, held);
  else {
    client.blocked = held;
    client.heldBytes += held.bytes;
  }
}

/** What a request costs besides the frames that bring it. */
function workOf({ limits }: GatewayContext, request: ClientRequest): number {
  const { command, question } = limits.clientWork;
  switch (request.type) {
    case 'attach':
      return request.clients.length * command;
    case 'submit':
      return request.commands.length * command;
    case 'status':
    case 'log':
    case 'evidence':
      return question;
  }
}

/** Bytes that a request takes in memory beside its encoding. */
function overheadOf({ limits }: GatewayContext, request: ClientRequest): number {
  return request.type === 'submit' ? request.commands.length * limits.commandOverheadBytes : 0;
}

/** Whether a request may be passed on now. */
function affords(context: GatewayContext, client: ClientConnection, { request, bytes }: HeldRequest): boolean {
  switch (request.type) {
    case 'attach':
      return true;
    case 'submit':
      return client.credit.affords(bytes) && context.credit.affords(bytes);
    case 'status':
    case 'log':
    case 'evidence':
      return client.questions < context.limits.clientQuestions;
  }
}

/** Passes on the request that waits, if it may go now; true when none waits any more. */
export function unblock(context: GatewayContext, client: ClientConnection): boolean {
  const { blocked } = client;
  if (blocked === null) return true;
  if (!affords(context, client, blocked)) return false;
  client.blocked = null;
  client.heldBytes -= blocked.bytes;
  perform(context, client, blocked);
  return true;
}

function perform(context: GatewayContext, client: ClientConnection, { request, bytes }: HeldRequest): void {
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
    case 'evidence':
      return readEvidence(context, client, request);
  }
}

function attach(context: GatewayContext, client: ClientConnection, { clients }: RequestOf<'attach'>): void {
  for (const session of clients) {
    if (context.sessions.attach(session, client)) continue;
    giveUp(context, client, 'tooManySessions');
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
    const inVain = tooLarge.reduce((sum, command) => sum + command.bytes.byteLength, 0);
    client.share.charge((inVain / 1024) * context.limits.clientWork.tooLargeKibibyte, context.now);
    answer(context, [client], { type: 'refused', client: session, reason: 'tooLarge', sequences });
  }
  if (fitting.length === 0) return;
  client.credit.charge(bytes);
  context.credit.charge(bytes);
  context.effects.push({
    type: 'send',
    to: 'proposalGenerator',
    message: { type: 'commandsReceived', batch: { client: session, commands: fitting }, address: client.address },
    credit: { account: String(client.connection), units: bytes },
  });
}

function sequenceOf(command: Command): Command['sequence'] {
  return command.sequence;
}

function readLog(context: GatewayContext, client: ClientConnection, request: RequestOf<'log'>): void {
  const { limits, now } = context;
  const { block, kibibyte } = limits.clientWork;
  // A page that the share allows, and paid for before it is read: eight long ones at once would not be.
  const left = client.share.left(now);
  const maxBlocks = Math.min(request.maxBlocks, limits.logBlocks, Math.max(1, Math.floor(left / block)));
  client.share.charge(maxBlocks * block, now);
  context.effects.push({
    type: 'send',
    to: 'storage',
    message: {
      type: 'readRange',
      reader: 'gateway',
      token: openQuestion(context, client, request.token),
      fromHeight: request.fromHeight,
      maxBlocks,
      maxBytes: Math.min(limits.fetchBytes, Math.max(1, Math.floor(left / kibibyte) * 1024)),
    },
  });
}

function readEvidence(context: GatewayContext, client: ClientConnection, request: RequestOf<'evidence'>): void {
  const { proofsPerReplica: maxProofs, fetchBytes: maxBytes } = context.limits;
  const token = openQuestion(context, client, request.token);
  const message = { type: 'readEvidence', token, accused: request.accused, maxProofs, maxBytes } as const;
  context.effects.push({ type: 'send', to: 'storage', message });
}

function openQuestion(context: GatewayContext, asker: ClientConnection, token: number): number {
  const ours = context.nextToken;
  context.nextToken += 1;
  context.questions.set(ours, { asker, token });
  asker.questions += 1;
  return ours;
}
