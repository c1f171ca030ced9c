/**
 * The gateway: clients' connections, their sessions, and replies (DESIGN section 5). A client is never believed and never
 * waited for: what it sends goes on by credit, what it does not read is dropped with its connection.
 */
import { asReplicaId, asView } from '../../src/protocol/numbers.js';
import type { Behaviour } from '../../src/runtime/behaviour.js';
import { summaryOf } from '../../src/wire/block-summary.js';
import { decodeFrame } from '../../src/wire/frames.js';
import { listenerNews } from '../listener-news.js';
import { Refusals } from '../refusals.js';
import type { GatewayEffect } from '../roles.js';
import { createSessionQuota } from '../session-quota.js';
import type { ConnectionId } from '../sockets.js';
import { answer, closeClient, fillWindow, forgetClient, hintLeader } from './answering.js';
import type { ClientConnection } from './client-connection.js';
import {
  countRefusal,
  type GatewayContext,
  type GatewayOptions,
  type GatewayTally,
  type OpenQuestion,
} from './context.js';
import { connectionOpened, greetingExpired, strangerSpoke } from './greeting.js';
import type { GatewayMessage } from './messages.js';
import { createCredit } from './request-credit.js';
import { releaseHeld, requestArrived } from './requests.js';
import { createSessions } from './sessions.js';
import { beginStop, closeAll, continueStop } from './stopping.js';

export type { GatewayOptions } from './context.js';

export interface GatewayCounters extends Readonly<GatewayTally> {
  readonly connections: number;
  readonly sessions: number;
  /** Connections that wait for credit. */
  readonly waiting: number;
  /** How often each thing was refused or found wrong, by its literal name. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** The gateway actor and a look at what it counts. */
export interface Gateway extends Behaviour<GatewayMessage, GatewayEffect> {
  counters(): GatewayCounters;
}

type MessageOf<Type extends GatewayMessage['type']> = Extract<GatewayMessage, { type: Type }>;

/** Makes the gateway of one replica. */
export function createGateway(options: GatewayOptions): Gateway {
  const context = createContext(options);
  const { connections } = context;

  function handle(message: GatewayMessage): void {
    switch (message.type) {
      case 'openGateway':
        context.effects.push({ type: 'listen' });
        return;
      case 'commandsExecuted':
        return commandsExecuted(message);
      case 'commandsRefused': {
        const { client, reason, sequences } = message;
        answer(context, context.sessions.connectionsOf(client), { type: 'refused', client, reason, sequences });
        return;
      }
      case 'viewEntered':
        return viewEntered(message);
      case 'stateHashed':
        return stateHashed(message);
      case 'blocksRead':
        return blocksRead(message);
      case 'creditReturned':
        return creditReturned(message);
      case 'listening':
      case 'listenFailed':
        context.effects.push(listenerNews('gateway', message));
        return;
      case 'connectionOpened':
        return connectionOpened(context, message);
      case 'dialFailed':
        // A gateway dials nobody.
        return;
      case 'frameReceived':
        return frameReceived(message.connection, message.frame);
      case 'transmitted':
        return transmitted(message.connection, message.bytes);
      case 'connectionClosed':
        return connectionClosed(message.connection, message.reason);
      case 'greetingExpired':
        return greetingExpired(context, message.connection);
      case 'stopRequested':
        return beginStop(context);
      case 'flushExpired':
        return closeAll(context);
    }
  }

  function commandsExecuted({ height, replies }: MessageOf<'commandsExecuted'>): void {
    for (const { client, replies: ofClient } of replies) {
      const receivers = context.sessions.connectionsOf(client);
      const sent = answer(context, receivers, { type: 'replies', client, height, replies: ofClient });
      if (sent > 0) context.tally.repliesFrames += sent;
      else context.tally.unclaimedReplies += ofClient.length;
    }
  }

  function viewEntered({ view, leader }: MessageOf<'viewEntered'>): void {
    const changed = leader !== context.leader;
    context.view = view;
    context.leader = leader;
    if (!changed) return;
    for (const client of [...connections.values()]) if (client.greeted) hintLeader(context, client);
  }

  function stateHashed({ token, height, stateHash }: MessageOf<'stateHashed'>): void {
    const question = takeQuestion(token);
    if (question === null) return;
    const { id, view, leader } = context;
    const status = { id, view, leader, committedHeight: height, stateHash };
    answer(context, [question.asker], { type: 'status', token: question.token, status });
    releaseHeld(context);
  }

  function blocksRead({ token, blocks, committedHeight }: MessageOf<'blocksRead'>): void {
    const question = takeQuestion(token);
    if (question === null) return;
    const summaries = blocks.map(summaryOf);
    answer(context, [question.asker], { type: 'log', token: question.token, blocks: summaries, committedHeight });
    releaseHeld(context);
  }

  /** Null when whoever asked has gone. */
  function takeQuestion(token: number): OpenQuestion | null {
    const question = context.questions.get(token);
    if (question === undefined) return null;
    context.questions.delete(token);
    question.asker.questions -= 1;
    return question;
  }

  function creditReturned({ accounts }: MessageOf<'creditReturned'>): void {
    for (const { account, messages, units } of accounts) {
      context.credit.restore({ messages, bytes: units });
      connections.get(Number(account))?.credit.restore({ messages, bytes: units });
    }
    releaseHeld(context);
  }

  function frameReceived(connection: ConnectionId, bytes: Uint8Array): void {
    const client = connections.get(connection);
    // Else it is a connection that we are closing.
    if (client === undefined || context.stopping) return;
    if (!client.greeted) return strangerSpoke(context, client, bytes);
    const frame = decodeFrame(bytes);
    if (!frame.ok) return refuse(client, frame.reason);
    switch (frame.kind) {
      case 'message':
        return requestArrived(context, client, frame.payload);
      case 'fragment':
        return fragmentArrived(client, frame.payload);
      case 'keepalive':
        return;
      default:
        return refuse(client, 'helloAgain');
    }
  }

  function fragmentArrived(client: ClientConnection, payload: Uint8Array): void {
    context.reassemblyBytes -= client.reassembler.heldBytes;
    const joined = client.reassembler.accept(payload);
    context.reassemblyBytes += client.reassembler.heldBytes;
    if (!joined.ok) refuse(client, joined.reason);
    else if (joined.message !== null) requestArrived(context, client, joined.message);
    else if (context.reassemblyBytes > context.limits.gatewayReassemblyBytes) refuse(client, 'tooManyHalfRequests');
  }

  function refuse(client: ClientConnection, reason: string): void {
    countRefusal(context, reason, client.address);
    closeClient(context, client, reason);
  }

  function transmitted(connection: ConnectionId, bytes: number): void {
    const client = connections.get(connection);
    if (client === undefined) return;
    client.outbox.transmitted(bytes);
    fillWindow(context, client);
    continueStop(context);
  }

  function connectionClosed(connection: ConnectionId, reason: string): void {
    context.open.delete(connection);
    const client = connections.get(connection);
    if (client !== undefined) {
      context.log.info('clientLeft', { address: client.address, reason });
      forgetClient(context, client);
    }
    continueStop(context);
  }

  return {
    receive(message, { now }) {
      context.now = now;
      context.effects = [];
      handle(message);
      return context.effects;
    },
    counters: () => ({
      ...context.tally,
      connections: connections.size,
      sessions: context.sessions.size,
      waiting: context.waiting.size,
      refusals: context.refusals.counts(),
    }),
  };
}

function createContext(options: GatewayOptions): GatewayContext {
  return {
    ...options,
    connections: new Map(),
    sessions: createSessions(options.limits),
    sessionQuota: createSessionQuota({
      ofSource: options.limits.addressSessions,
      ofAll: options.limits.gatewaySessions,
      windowMs: options.limits.sessionQuotaWindowMs,
    }),
    credit: createCredit(options.limits.gatewayCredit),
    waiting: new Set(),
    questions: new Map(),
    open: new Set(),
    refusals: new Refusals((facts) => options.log.warn('clientRefused', facts)),
    tally: { accepted: 0, submits: 0, commands: 0, repliesFrames: 0, unclaimedReplies: 0, paused: 0 },
    view: asView(0),
    leader: asReplicaId(0),
    nextToken: 1,
    nextMessageId: 0,
    reassemblyBytes: 0,
    now: 0,
    effects: [],
    stopping: false,
    stopped: false,
  };
}
