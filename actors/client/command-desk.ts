/**
 * The commands of one client: gives them sequences in bounded sessions, sends them to the leader, sends them again to
 * others when no answer comes, and believes a reply when f+1 replicas gave it.
 *
 * The order in which commands are committed is decided by the replicated log alone: commands that are in flight
 * together may be committed in any order, although without failures they mostly keep the order of submission.
 */
import type { ReplicaId, Sequence } from '../../src/protocol/numbers.js';
import type { ClientAnswer, RefusalReason } from '../../src/wire/client-messages.js';
import type { Command } from '../../src/wire/peer-messages.js';
import type { LeaderGuess } from './leader-guess.js';
import type { Links } from './links.js';
import type { ClientEffect, Submission } from './messages.js';
import { retryDelayMs, retryTargets } from './retries.js';
import { type InFlight, refusalsOf, type Session } from './session.js';
import type { Sessions } from './sessions.js';
import { WaitingLine } from './waiting-line.js';

/** How much a client sends at once, and when it sends again. */
export interface CommandBounds {
  /** Commands in flight at most; others wait. */
  readonly outstandingMax: number;
  /** Bytes of commands in flight at most; one command may be larger on its own. */
  readonly outstandingBytesMax: number;
  /** Commands and bytes in one `submit` frame at most. */
  readonly frameCommandsMax: number;
  readonly frameBytesMax: number;
  /** Milliseconds without an answer until the first retry. */
  readonly retryMs: number;
}

interface CommandDeskOptions extends CommandBounds {
  readonly sessions: Sessions;
  /** f+1. */
  readonly needed: number;
}

type Replies = Extract<ClientAnswer, { type: 'replies' }>;
type Refused = Extract<ClientAnswer, { type: 'refused' }>;

/** Retry times that a slow command is waited for while others are answered. */
const PATIENCE = 4;

/** Keeps a client's commands from submission to answer. What it sends and tells goes to `out`, in order. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #links: Links;
  readonly #leader: LeaderGuess;
  readonly #sessions: Sessions;
  readonly #waiting = new WaitingLine();
  #inFlight = 0;
  #inFlightBytes = 0;
  #lastAnswerAt = Number.NEGATIVE_INFINITY;
  /** When a command was answered, or the guess of the leader was given up, last. */
  #leaderTrustedAt = Number.NEGATIVE_INFINITY;
  /** No command is due before this; one that was answered meanwhile may have been. */
  #dueFrom = Number.POSITIVE_INFINITY;

  constructor(options: CommandDeskOptions, links: Links, leader: LeaderGuess) {
    this.#options = options;
    this.#links = links;
    this.#leader = leader;
    this.#sessions = options.sessions;
  }

  /** Whether any command waits for an answer, so that time must be watched. */
  get busy(): boolean {
    return this.#inFlight > 0;
  }

  get dueFrom(): number {
    return this.#dueFrom;
  }

  submit(commands: readonly Submission[], now: number, out: ClientEffect[]): void {
    for (const command of commands) this.#waiting.push(command);
    this.rejectHopeless(out);
    this.sendWaiting(now, out);
  }

  /** Sends what waits, as far as the bounds allow, to the replica that is taken for the leader. */
  sendWaiting(now: number, out: ClientEffect[]): void {
    const target = this.#links.nearest(this.#leader.current);
    if (target === null) return;
    while (this.#waiting.size > 0 && this.#hasRoom()) {
      const session = this.#sessions.withRoom(Math.min(this.#waiting.size, this.#options.frameCommandsMax));
      if (session === null) return;
      this.#sendFrame(session, target, now, out);
    }
  }

  /** Counts the replies of one block from one replica, and tells the application those that are now proved. */
  repliesArrived(from: ReplicaId, answer: Replies, now: number, out: ClientEffect[]): void {
    const session = this.#sessions.find(answer.client);
    if (session === undefined) return;
    const answers: { ticket: number; reply: Uint8Array }[] = [];
    for (const { sequence, reply } of answer.replies) {
      const command = session.find(sequence);
      if (command === undefined) continue;
      if (!command.votes.count({ from, height: answer.height, reply }, this.#options.needed)) continue;
      this.#settle(session, command);
      answers.push({ ticket: command.ticket, reply: reply.slice() });
    }
    if (answers.length === 0) return;
    this.#replaceSessions(out);
    this.#lastAnswerAt = now;
    this.#leaderTrustedAt = now;
    out.push({ type: 'answerCommands', height: answer.height, answers });
    this.sendWaiting(now, out);
  }

  /** A replica did not take some commands: they are sent again later, or given up when f+1 say it is for good. */
  refused(from: ReplicaId, answer: Refused, now: number, out: ClientEffect[]): void {
    const session = this.#sessions.find(answer.client);
    if (session === undefined) return;
    if (answer.reason === 'stopping') this.#leader.failed(from, this.#links.ready());
    for (const sequence of answer.sequences) {
      const command = session.find(sequence);
      if (command !== undefined) this.#refuse(session, command, { from, reason: answer.reason, now }, out);
    }
    this.#replaceSessions(out);
    this.sendWaiting(now, out);
  }

  /** Sends every command again whose time has come; does nothing without a connection. */
  resendDue(now: number, out: ClientEffect[]): void {
    if (now < this.#dueFrom) return;
    const reachable = this.#links.readyToResend();
    if (reachable.length === 0) return;
    const batches = new Map<ReplicaId, Map<Session, Command[]>>();
    this.#dueFrom = Number.POSITIVE_INFINITY;
    for (const session of this.#sessions.waiting()) {
      for (const command of session.inOrder()) {
        for (const target of this.#targetsNow(command, reachable, now)) addTo(batches, target, session, command);
        this.#dueFrom = Math.min(this.#dueFrom, command.dueAt, againAtOf(command));
      }
    }
    for (const [target, bySession] of batches) {
      for (const [session, commands] of bySession) this.#sendChunked(session, target, commands, out);
    }
  }

  /** A connection is gone: what was sent there only is due now. */
  connectionLost(replica: ReplicaId, now: number): void {
    this.#leader.failed(replica, this.#links.ready());
    this.#leaderTrustedAt = now;
    for (const session of this.#sessions.waiting()) {
      for (const command of session.inOrder()) {
        if (command.retries === 0 && command.firstSentTo === replica) this.#hasten(command, now);
      }
    }
  }

  /**
   * Gives up all commands where the replicas that may be who they should be are fewer than those that must agree. They are
   * dialled on, and commands that are submitted once that helped are taken.
   */
  rejectHopeless(out: ClientEffect[]): void {
    const replicas = this.#links.untrusted();
    if (this.#links.size - replicas.length >= this.#options.needed) return;
    const tickets: number[] = [];
    for (const session of this.#sessions.waiting()) {
      for (const command of session.inOrder()) {
        this.#settle(session, command);
        tickets.push(command.ticket);
      }
    }
    for (const { ticket } of this.#waiting.takeAll()) tickets.push(ticket);
    if (tickets.length === 0) return;
    this.#replaceSessions(out);
    const problems = replicas.flatMap((replica) => this.#links.problemOf(replica) ?? []);
    out.push({ type: 'rejectUntrusted', tickets, replicas, problems });
  }

  /** The application no longer waits: forget them. Those sent may still be committed. */
  abandon(tickets: readonly number[], now: number, out: ClientEffect[]): void {
    const gone = new Set(tickets);
    this.#waiting.remove(gone);
    for (const session of this.#sessions.waiting()) {
      for (const command of session.inOrder()) if (gone.has(command.ticket)) this.#settle(session, command);
    }
    this.#replaceSessions(out);
    this.sendWaiting(now, out);
  }

  /** Somebody else has used the ids of sessions that have ended: commands that were not sent yet go under fresh ones. */
  #replaceSessions(out: ClientEffect[]): void {
    const fresh = this.#sessions.replaceEnded();
    if (fresh.length > 0) this.#links.attach(fresh, out);
  }

  #hasRoom(): boolean {
    if (this.#inFlight >= this.#options.outstandingMax) return false;
    return this.#inFlight === 0 || this.#inFlightBytes < this.#options.outstandingBytesMax;
  }

  #sendFrame(session: Session, target: ReplicaId, now: number, out: ClientEffect[]): void {
    const { frameCommandsMax, frameBytesMax, outstandingMax, retryMs } = this.#options;
    const most = Math.min(session.room, frameCommandsMax, outstandingMax - this.#inFlight);
    const commands: Command[] = [];
    let bytes = 0;
    for (let next = this.#waiting.first(); next !== undefined && commands.length < most; next = this.#waiting.first()) {
      if (commands.length > 0 && bytes + next.bytes.length > frameBytesMax) break;
      this.#waiting.shift();
      bytes += next.bytes.length;
      commands.push(session.add(next, { to: target, at: now, dueAt: now + retryMs }));
    }
    this.#dueFrom = Math.min(this.#dueFrom, now + retryMs);
    this.#inFlight += commands.length;
    this.#inFlightBytes += bytes;
    this.#links.send(target, { type: 'submit', client: session.client, commands }, out);
  }

  #sendChunked(session: Session, target: ReplicaId, commands: readonly Command[], out: ClientEffect[]): void {
    let chunk: Command[] = [];
    let bytes = 0;
    for (const command of commands) {
      const full = chunk.length >= this.#options.frameCommandsMax;
      if (full || (chunk.length > 0 && bytes + command.bytes.length > this.#options.frameBytesMax)) {
        this.#links.send(target, { type: 'submit', client: session.client, commands: chunk }, out);
        chunk = [];
        bytes = 0;
      }
      chunk.push(command);
      bytes += command.bytes.length;
    }
    this.#links.send(target, { type: 'submit', client: session.client, commands: chunk }, out);
  }

  /** Has it sent to others too by `at`, if not sooner. */
  #hasten(command: InFlight, at: number): void {
    command.hurried = true;
    command.dueAt = Math.min(command.dueAt, at);
    this.#dueFrom = Math.min(this.#dueFrom, at);
  }

  /**
   * While others are answered, a first retry is put off for a few retry times: a cluster that has more to do than it can
   * must not be sent everything twice. Without any answer, or after a lost connection or a refusal, nothing is put off.
   */
  #isOnlySlow(command: InFlight, now: number): boolean {
    const { retryMs } = this.#options;
    if (command.retries > 0 || command.hurried || this.#lastAnswerAt < now - retryMs) return false;
    return now - command.sentAt < PATIENCE * retryMs;
  }

  /** Nothing at all was answered since this command was sent: whoever leads, it is not by way of this replica. */
  #doubtLeader(command: InFlight, now: number): void {
    if (command.hurried || this.#leaderTrustedAt >= command.sentAt) return;
    this.#leader.failed(this.#leader.current, this.#links.ready());
    this.#leaderTrustedAt = now;
  }

  /** Whom it is to be sent to now: others when its time has come, and the leader alone once that had no room. */
  #targetsNow(command: InFlight, reachable: readonly ReplicaId[], now: number): readonly ReplicaId[] {
    const leader = this.#leader.current;
    const isDue = command.dueAt <= now && !this.#isOnlySlow(command, now);
    if (!isDue && againAtOf(command) > now) return [];
    const toLeader = !isDue && reachable.includes(leader);
    const targets = toLeader ? [leader] : this.#retry(command, reachable, now);
    refusalsOf(command).sentTo(targets);
    return targets;
  }

  #retry(command: InFlight, reachable: readonly ReplicaId[], now: number): readonly ReplicaId[] {
    this.#doubtLeader(command, now);
    const { retryMs, needed } = this.#options;
    const targets = retryTargets({ reachable, leader: this.#leader.current, retry: command.retries, needed });
    command.retries += 1;
    command.sentAt = now;
    command.hurried = false;
    command.dueAt = now + retryDelayMs(retryMs, command.retries);
    return targets;
  }

  #refuse(
    session: Session,
    command: InFlight,
    refusal: { readonly from: ReplicaId; readonly reason: RefusalReason; readonly now: number },
    out: ClientEffect[],
  ): void {
    const { from, reason, now } = refusal;
    const refusals = refusalsOf(command);
    const again = refusals.refused(from, reason, now);
    if (again?.onlyToLeader === false) this.#hasten(command, again.at);
    else if (again !== null) this.#dueFrom = Math.min(this.#dueFrom, again.at);
    if (reason === 'poolFull' || reason === 'stopping') return;
    if (!refusals.areFinal(from, reason, this.#options.needed)) return;
    this.#settle(session, command);
    if (reason === 'sequenceTooOld') this.#sessions.end(session);
    out.push({ type: 'rejectCommand', ticket: command.ticket, reason });
  }

  #settle(session: Session, command: InFlight): void {
    this.#sessions.release(session, command);
    this.#inFlight -= 1;
    this.#inFlightBytes -= command.bytes.length;
  }
}

/** When only the leader is to be asked again; infinity where it is not to be. */
function againAtOf({ refusals }: InFlight): number {
  return refusals?.againAt ?? Number.POSITIVE_INFINITY;
}

function addTo(
  batches: Map<ReplicaId, Map<Session, Command[]>>,
  target: ReplicaId,
  session: Session,
  command: { readonly sequence: Sequence; readonly bytes: Uint8Array },
): void {
  const bySession = batches.get(target) ?? new Map<Session, Command[]>();
  batches.set(target, bySession);
  const commands = bySession.get(session);
  if (commands === undefined) bySession.set(session, [command]);
  else commands.push(command);
}
