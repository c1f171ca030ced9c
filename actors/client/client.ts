/**
 * The client actor: connections to all replicas, commands in flight with f+1 equal replies each, and questions.
 * It believes no single replica: not its replies, not its refusals, not its word on who leads.
 */
import type { ClientId, ReplicaId } from '../../src/protocol/numbers.js';
import type { Behaviour, Turn } from '../../src/runtime/behaviour.js';
import type { ClientAnswer } from '../../src/wire/client-messages.js';
import { type CommandBounds, CommandDesk } from './command-desk.js';
import { LeaderGuess } from './leader-guess.js';
import { type LinkEvent, type LinkOptions, Links } from './links.js';
import type { ClientEffect, ClientMessage } from './messages.js';
import { Queries } from './queries.js';
import { Sessions } from './sessions.js';

/** What `createClientActor` takes. */
export interface ClientActorOptions extends LinkOptions, CommandBounds {
  /** f: so many replicas may lie. */
  readonly faulty: number;
  /** The ids of its sessions; more than one where one would hold back too many commands for a slow one. */
  readonly clients: readonly ClientId[];
  /** Draws the id of a session that takes the place of another. */
  readonly newClient: () => ClientId;
  /** Sequences that replicas remember of one of its sessions. */
  readonly sessionWindow: number;
  /** Sessions that replicas attach to one connection. */
  readonly attachedClientsMax: number;
}

/** How often commands in flight are looked through for those whose time has come. */
const RETRY_TICK_MS = 25;
const RETRY_TIMER = 'retry';

/** Makes the client actor. It dials when it is told `openClient`. */
export function createClientActor(options: ClientActorOptions): Behaviour<ClientMessage, ClientEffect> {
  return new ClientActor(options);
}

class ClientActor implements Behaviour<ClientMessage, ClientEffect> {
  readonly #links: Links;
  readonly #leader: LeaderGuess;
  readonly #desk: CommandDesk;
  readonly #queries: Queries;
  /** When the timer for retries is due; infinity where it does not run. */
  #watchedUntil = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(options: ClientActorOptions) {
    const { clients, newClient, sessionWindow: window, attachedClientsMax: most } = options;
    const needed = options.faulty + 1;
    const sessions = new Sessions({ clients, newClient, window, most });
    this.#links = new Links(options, sessions);
    this.#leader = new LeaderGuess(options.replicas.length, needed);
    this.#desk = new CommandDesk({ ...options, sessions, needed }, this.#links, this.#leader);
    this.#queries = new Queries(this.#links, options.replicas);
  }

  receive(message: ClientMessage, { now }: Turn): readonly ClientEffect[] {
    if (this.#stopped) return [];
    const out: ClientEffect[] = [];
    this.#handle(message, now, out);
    for (const event of this.#links.takeLost()) this.#linkChanged(event, now, out);
    this.#watchTime(now, out);
    return out;
  }

  #handle(message: ClientMessage, now: number, out: ClientEffect[]): void {
    switch (message.type) {
      case 'openClient':
        return this.#links.dialAll(out);
      case 'commandsSubmitted':
        return this.#desk.submit(message.commands, now, out);
      case 'submissionsAbandoned':
        return this.#desk.abandon(message.tickets, now, out);
      case 'retryDue':
        this.#watchedUntil = Number.POSITIVE_INFINITY;
        return this.#desk.resendDue(now, out);
      case 'statusAsked':
        return this.#queries.askStatus(message, out);
      case 'logAsked':
        return this.#queries.askLog(message, out);
      case 'evidenceAsked':
        return this.#queries.askEvidence(message, out);
      case 'queryExpired':
        return this.#queries.expired(message.ticket, out);
      case 'dialDue':
        this.#links.dialDue(message.replica, out);
        return;
      case 'greetingExpired':
        return this.#linkChanged(this.#links.greetingExpired(message.replica, out), now, out);
      case 'stopRequested':
        return this.#stop(out);
      default:
        return this.#linkChanged(this.#links.socketChanged(message, out), now, out);
    }
  }

  #linkChanged(event: LinkEvent | null, now: number, out: ClientEffect[]): void {
    if (event === null) return;
    switch (event.type) {
      case 'answerArrived':
        return this.#answered(event.replica, event.answer, now, out);
      case 'linkReady':
        this.#desk.sendWaiting(now, out);
        this.#desk.resendDue(now, out);
        return this.#queries.linksChanged(out);
      case 'linkLost':
        this.#desk.connectionLost(event.replica, now);
        this.#desk.rejectHopeless(out);
        this.#desk.resendDue(now, out);
        return this.#queries.connectionLost(event.replica, out);
    }
  }

  #answered(from: ReplicaId, answer: ClientAnswer, now: number, out: ClientEffect[]): void {
    switch (answer.type) {
      case 'replies':
        return this.#desk.repliesArrived(from, answer, now, out);
      case 'refused':
        return this.#desk.refused(from, answer, now, out);
      case 'leader':
        return this.#leader.hinted(from, answer.view, answer.leader);
      case 'status':
      case 'log':
      case 'evidence':
        return this.#queries.answered(from, answer, out);
    }
  }

  /** Has itself woken when a command is to be sent again, and not more often than by ticks. */
  #watchTime(now: number, out: ClientEffect[]): void {
    if (this.#stopped || !this.#desk.busy) return;
    const at = Math.max(this.#desk.dueFrom, now + RETRY_TICK_MS);
    if (at >= this.#watchedUntil) return;
    this.#watchedUntil = at;
    out.push({ type: 'startTimer', timer: RETRY_TIMER, delayMs: at - now, message: { type: 'retryDue' } });
  }

  #stop(out: ClientEffect[]): void {
    this.#stopped = true;
    out.push({ type: 'cancelTimer', timer: RETRY_TIMER });
    this.#queries.stop(out);
    this.#links.closeAll(out);
  }
}
