/**
 * The gateway: clients' connections, their sessions, and replies (DESIGN section 5). A client is never believed and never
 * waited for: what it sends goes on by credit, what it does not read is dropped with its connection.
 */
import { asReplicaId, asView } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { Behaviour } from '../../src/runtime/behaviour.js';
import { summaryOf } from '../../src/wire/block-summary.js';
import { listenerNews } from '../listener-news.js';
import { Refusals } from '../refusals.js';
import type { GatewayEffect } from '../roles.js';
import { createSessionQuota } from '../session-quota.js';
import type { ConnectionId } from '../sockets.js';
import { answer, fillWindow, forgetClient, hintLeader } from './answering.js';
import type { ClientConnection } from './client-connection.js';
import { createClientPace } from './client-pace.js';
import type { GatewayContext, GatewayOptions, GatewayTally, OpenQuestion } from './context.js';
import { connectionOpened, greetingExpired, strangerSpoke } from './greeting.js';
import { halfRequestDue } from './half-requests.js';
import type { GatewayMessage } from './messages.js';
import { OWN_ACCOUNT, OwnCommands } from './own-commands.js';
import { clientSpoke, releaseHeld, workWindowEnded } from './receiving.js';
import { createCredit } from './request-credit.js';
import { createSessions } from './sessions.js';
import { beginStop, closeAll, continueStop } from './stopping.js';

export type { GatewayOptions } from './context.js';

/** What the gateway has counted so far, and what it holds at this moment. */
export interface GatewayCounters extends Readonly<GatewayTally> {
  readonly connections: number;
  readonly sessions: number;
  /** Bytes that wait to be sent to all clients together. */
  readonly unreadBytes: number;
  /** Connections that wait for credit, for answers, or for their share of the work. */
  readonly waiting: number;
  /** Commands of the application on this replica: those that have no answer yet, and all. */
  readonly ownUnanswered: number;
  readonly ownSubmitted: number;
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
  const emit = (effect: GatewayEffect) => void context.effects.push(effect);
  const own = new OwnCommands({ limits: options.limits, random: options.random, emit });

  function handle(message: GatewayMessage): void {
    switch (message.type) {
      case 'openGateway':
        context.effects.push({ type: 'listen' });
        return;
      case 'commandSubmitted':
        return own.submit(message, context.now);
      case 'commandWithdrawn':
        return own.withdraw(message.ticket);
      case 'ownCommandsDue':
        return own.askAgain(context.now);
      case 'commandsExecuted':
        return commandsExecuted(message);
      case 'commandsRefused':
        return commandsRefused(message);
      case 'viewEntered':
        return viewEntered(message);
      case 'stateHashed':
        return stateHashed(message);
      case 'blocksRead':
        return blocksRead(message);
      case 'evidenceRead':
        return evidenceRead(message);
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
      case 'workWindowEnded':
        return workWindowEnded(context);
      case 'greetingExpired':
        return greetingExpired(context, message.connection);
      case 'halfRequestDue':
        return halfRequestDue(context, message.connection);
      case 'stopRequested':
        own.stop();
        return beginStop(context);
      case 'flushExpired':
        return closeAll(context);
    }
  }

  function commandsExecuted({ height, replies, again }: MessageOf<'commandsExecuted'>): void {
    for (const each of replies) {
      const { client, replies: ofClient } = each;
      if (own.owns(client)) own.executed(each, height, context.now);
      const receivers = context.sessions.connectionsOf(client);
      settleWork(receivers, ofClient.length, again);
      const sent = answer(context, receivers, { type: 'replies', client, height, replies: ofClient });
      if (sent > 0) context.tally.repliesFrames += sent;
      else if (!own.owns(client)) context.tally.unclaimedReplies += ofClient.length;
    }
    releaseHeld(context);
  }

  function commandsRefused(refusal: MessageOf<'commandsRefused'>): void {
    const { client, reason, sequences } = refusal;
    if (own.owns(client)) own.refused(refusal, context.now);
    answer(context, context.sessions.connectionsOf(client), { type: 'refused', client, reason, sequences });
  }

  /**
   * Gives back what executed commands have cost, in equal parts to all who are told: being told twice earns nothing.
   * Replies that were given before are work.
   */
  function settleWork(receivers: ReadonlySet<ClientConnection>, commands: number, again: boolean): void {
    const { now, limits } = context;
    for (const { share } of receivers) {
      if (again) share.charge(commands * limits.clientWork.command, now);
      else share.executed(commands / receivers.size, now);
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
    question.asker.share.charge(workOfBodies(blocks), context.now);
    answer(context, [question.asker], { type: 'log', token: question.token, blocks: summaries, committedHeight });
    releaseHeld(context);
  }

  function evidenceRead({ token, proofs }: MessageOf<'evidenceRead'>): void {
    const question = takeQuestion(token);
    if (question === null) return;
    const bytes = proofs.reduce((sum, proof) => sum + proof.byteLength, 0);
    question.asker.share.charge((bytes / 1024) * context.limits.clientWork.kibibyte, context.now);
    answer(context, [question.asker], { type: 'evidence', token: question.token, proofs });
    releaseHeld(context);
  }

  function workOfBodies(blocks: readonly Block[]): number {
    const bytes = blocks.reduce((sum, { body }) => sum + body.byteLength, 0);
    return (bytes / 1024) * context.limits.clientWork.kibibyte;
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
      if (account === OWN_ACCOUNT) {
        own.handled(context.now);
        continue;
      }
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
    clientSpoke(context, client, bytes);
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
      unreadBytes: context.unreadBytes,
      sessions: context.sessions.size,
      waiting: context.waiting.size,
      ownUnanswered: own.unanswered,
      ownSubmitted: own.submitted,
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
      known: options.limits.gatewaySessions,
      windowMs: options.limits.sessionQuotaWindowMs,
    }),
    credit: createCredit(options.limits.gatewayCredit),
    pace: createClientPace(options.limits.clientPace),
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
    unreadBytes: 0,
    windowTimed: false,
    now: 0,
    effects: [],
    stopping: false,
    stopped: false,
  };
}
