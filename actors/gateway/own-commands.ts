/**
 * The commands of the application on this replica (`submit` of its handle): a session like a client's, but without a
 * connection. Its commands take the way of all others: into the pool, to the leader, into a block.
 */
import { limits } from '../../src/config/limits.js';
import { bytesToHex } from '../../src/crypto/hash.js';
import { asClientId, asSequence, type ClientId, type Height, type Sequence } from '../../src/protocol/numbers.js';
import type { RandomSource } from '../../src/runtime/random-source.js';
import type { RefusalReason } from '../../src/wire/client-messages.js';
import type { Command } from '../../src/wire/peer-messages.js';
import type { Submission } from '../client/messages.js';
import type { ClientRefusal, ClientReplies } from '../proposal-generator/messages.js';
import type { GatewayEffect } from '../roles.js';
import type { GatewayLimits } from './limits.js';
import type { SubmissionAnswer } from './messages.js';

/** The account of its credit; those of clients are the numbers of their connections. */
export const OWN_ACCOUNT = 'application';
/** Where its commands come from, as the pool sees it, which serves addresses in turn: no client's can be this. */
const OWN_ADDRESS = 'application';
const CLIENT_ID_BYTES = 16;
const TIMER = 'ownCommands';

/** A command that was sent and has no answer yet. */
interface OpenCommand {
  readonly ticket: number;
  readonly command: Command;
  sentAt: number;
}

/** What an {@link OwnCommands} has need of. */
export interface OwnCommandsOptions {
  readonly limits: Pick<GatewayLimits, 'clientMessageBytes' | 'forwardAgainMs'>;
  /** Draws the id of its session, when the first command comes. */
  readonly random: RandomSource;
  readonly emit: (effect: GatewayEffect) => void;
}

/**
 * Gives the application's commands their sequences, and answers each once. One message at a time is on its way to the pool;
 * what is submitted meanwhile goes with the next. Sequences in flight span no more than replicas remember of a session.
 */
export class OwnCommands {
  readonly #limits: OwnCommandsOptions['limits'];
  readonly #random: RandomSource;
  readonly #emit: OwnCommandsOptions['emit'];
  #client: ClientId | null = null;
  #next = 1;
  /** Not sent yet, by ticket, in the order of submission. */
  readonly #waiting = new Map<number, Uint8Array>();
  /** By sequence, ascending. */
  readonly #open = new Map<Sequence, OpenCommand>();
  /** Those of them that are to be sent again. */
  readonly #due = new Set<OpenCommand>();
  #submitted = 0;
  #underWay = false;
  #timed = false;
  #stopping = false;

  constructor({ limits: bounds, random, emit }: OwnCommandsOptions) {
    this.#limits = bounds;
    this.#random = random;
    this.#emit = emit;
  }

  /** Commands that were submitted so far. */
  get submitted(): number {
    return this.#submitted;
  }

  /** Commands without an answer, sent or not. */
  get unanswered(): number {
    return this.#waiting.size + this.#open.size;
  }

  /** Whether a session is this one. */
  owns(client: ClientId): boolean {
    return client === this.#client;
  }

  submit({ ticket, bytes }: Submission, now: number): void {
    this.#submitted += 1;
    if (this.#stopping) return this.#tell([refusalOf(ticket, 'stopping')]);
    this.#waiting.set(ticket, bytes);
    this.#send(now);
  }

  /** What was sent cannot be taken back: it is answered as any other. */
  withdraw(ticket: number): void {
    if (this.#waiting.delete(ticket)) this.#tell([{ kind: 'withdrawn', ticket }]);
  }

  /** The pool has looked at what was sent last. */
  handled(now: number): void {
    this.#underWay = false;
    this.#send(now);
  }

  /** This replica has executed commands in the block at `height`, now or before. */
  executed({ replies }: ClientReplies, height: Height, now: number): void {
    const answers: SubmissionAnswer[] = [];
    for (const { sequence, reply } of replies) {
      const open = this.#take(sequence);
      if (open !== undefined) answers.push({ kind: 'executed', ticket: open.ticket, height, reply });
    }
    this.#tell(answers);
    this.#send(now);
  }

  refused({ sequences, reason }: ClientRefusal, now: number): void {
    const tickets = sequences.flatMap((sequence) => this.#take(sequence)?.ticket ?? []);
    if (tickets.length > 0 && reason === 'sequenceTooOld') tickets.push(...this.#endSession());
    this.#tell(tickets.map((ticket) => refusalOf(ticket, reason)));
    this.#send(now);
  }

  /**
   * Sends again what has had no answer for long: where the message to the leader was lost, or had no room there, nobody
   * else would. The pool takes a command once, and answers again for one that ran.
   */
  askAgain(now: number): void {
    this.#timed = false;
    for (const open of this.#open.values()) {
      if (now - open.sentAt >= this.#limits.forwardAgainMs) this.#due.add(open);
    }
    this.#send(now);
    this.#startTimer();
  }

  /** Sends nothing more. What was sent is answered as long as blocks are executed. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    const tickets = [...this.#waiting.keys()];
    this.#waiting.clear();
    this.#emit({ type: 'cancelTimer', timer: TIMER });
    this.#tell(tickets.map((ticket) => refusalOf(ticket, 'stopping')));
  }

  #send(now: number): void {
    if (this.#underWay || this.#stopping) return;
    const commands = this.#nextBatch(now);
    if (commands.length === 0) return;
    this.#underWay = true;
    const units = commands.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    const message = {
      type: 'commandsReceived',
      batch: { client: this.#session(), commands },
      address: OWN_ADDRESS,
    } as const;
    this.#emit({ type: 'send', to: 'proposalGenerator', message, credit: { account: OWN_ACCOUNT, units } });
    this.#startTimer();
  }

  /** What is due, then what waits: no more bytes than a client's request may have, and one command at least. */
  #nextBatch(now: number): readonly Command[] {
    const batch: Command[] = [];
    let left = this.#limits.clientMessageBytes;
    const fits = ({ byteLength }: Uint8Array) => batch.length === 0 || byteLength <= left;
    const take = (open: OpenCommand) => {
      open.sentAt = now;
      left -= open.command.bytes.byteLength;
      batch.push(open.command);
    };
    for (const open of this.#due) {
      if (!fits(open.command.bytes)) break;
      this.#due.delete(open);
      take(open);
    }
    for (const [ticket, bytes] of this.#waiting) {
      if (!this.#hasRoom || !fits(bytes)) break;
      this.#waiting.delete(ticket);
      const open = { ticket, command: { sequence: asSequence(this.#next), bytes }, sentAt: now };
      this.#next += 1;
      this.#open.set(open.command.sequence, open);
      take(open);
    }
    return batch;
  }

  /** Whether the next sequence would not make the oldest open one too old. */
  get #hasRoom(): boolean {
    const [oldest] = this.#open.keys();
    return oldest === undefined || this.#next - oldest < limits.sessionWindow;
  }

  #session(): ClientId {
    this.#client ??= asClientId(bytesToHex(this.#random.bytes(CLIENT_ID_BYTES)));
    return this.#client;
  }

  /**
   * Replicas say that they have seen far later sequences than were given here: somebody made up commands under this id, as
   * any faulty replica may. What is open is lost with it, and the next command begins a new session. Returns its tickets.
   */
  #endSession(): readonly number[] {
    const tickets = Array.from(this.#open.values(), ({ ticket }) => ticket);
    this.#open.clear();
    this.#due.clear();
    this.#client = null;
    this.#next = 1;
    return tickets;
  }

  #take(sequence: Sequence): OpenCommand | undefined {
    const open = this.#open.get(sequence);
    if (open === undefined) return undefined;
    this.#open.delete(sequence);
    this.#due.delete(open);
    return open;
  }

  #startTimer(): void {
    if (this.#timed || this.#stopping || this.#open.size === 0) return;
    this.#timed = true;
    const message = { type: 'ownCommandsDue' } as const;
    this.#emit({ type: 'startTimer', timer: TIMER, delayMs: this.#limits.forwardAgainMs, message });
  }

  #tell(answers: readonly SubmissionAnswer[]): void {
    if (answers.length === 0) return;
    this.#emit({ type: 'send', to: 'replica', message: { type: 'submissionsAnswered', answers } });
  }
}

function refusalOf(ticket: number, reason: RefusalReason): SubmissionAnswer {
  return { kind: 'refused', ticket, reason };
}
