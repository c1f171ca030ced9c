/** One exactly-once session: its client id, its count of sequences, and the commands that have no answer yet. */
import { invariant } from '../../src/errors.js';
import { asSequence, type ClientId, type ReplicaId, type Sequence } from '../../src/protocol/numbers.js';
import type { Submission } from './messages.js';
import { Refusals } from './refusals.js';
import { ReplyVotes } from './reply-votes.js';

/** A command that was sent and waits for f+1 equal replies. */
export interface InFlight {
  readonly sequence: Sequence;
  readonly ticket: number;
  readonly bytes: Uint8Array;
  /** Whom the first sending went to; a lost connection to it makes the command due at once. */
  readonly firstSentTo: ReplicaId;
  /** Sendings without an answer so far, the first one not counted. */
  retries: number;
  /** When it was sent last, and when it is sent again, by the clock of the turns; what a leader that had no room is sent aside. */
  sentAt: number;
  dueAt: number;
  /** Whether it is due sooner than without an answer: a connection was lost, or it was refused. */
  hurried: boolean;
  readonly votes: ReplyVotes;
  /** Null before it is refused, or sent again. */
  refusals: Refusals | null;
}

/** The refusals of a command, made if need be. */
export function refusalsOf(command: InFlight): Refusals {
  command.refusals ??= new Refusals(command.firstSentTo);
  return command.refusals;
}

/** Gives commands sequences from 1 upwards, a window of them at a time, and keeps each until its release. */
export class Session {
  readonly client: ClientId;
  /** The command of sequence s stands at s mod the window. */
  readonly #slots: (InFlight | undefined)[];
  readonly #window: number;
  #oldest = 1;
  #next = 1;
  #unanswered = 0;

  /**
   * `window`: sequences that it may span from its oldest unanswered one upwards. Replicas remember as many per client id
   * (DESIGN section 6, session table): an older one could no longer be told from a repeated one.
   */
  constructor(client: ClientId, window: number) {
    this.client = client;
    this.#window = window;
    this.#slots = new Array<InFlight | undefined>(window).fill(undefined);
  }

  /** How many commands it can take now. */
  get room(): number {
    return this.#window - (this.#next - this.#oldest);
  }

  /** How many commands wait for an answer. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Gives `submission` the next sequence. The caller has checked {@link room}. */
  add(submission: Submission, sent: { readonly to: ReplicaId; readonly at: number; readonly dueAt: number }): InFlight {
    invariant(this.room > 0, 'a session takes a command only when it has room');
    const command: InFlight = {
      sequence: asSequence(this.#next),
      ticket: submission.ticket,
      bytes: submission.bytes,
      firstSentTo: sent.to,
      retries: 0,
      sentAt: sent.at,
      dueAt: sent.dueAt,
      hurried: false,
      votes: new ReplyVotes(),
      refusals: null,
    };
    this.#slots[this.#next % this.#window] = command;
    this.#next += 1;
    this.#unanswered += 1;
    return command;
  }

  /** The unanswered command with this sequence; undefined when it was answered or never sent. */
  find(sequence: number): InFlight | undefined {
    const command = this.#slots[sequence % this.#window];
    return command !== undefined && command.sequence === sequence ? command : undefined;
  }

  /** Forgets an unanswered command and so makes room once the oldest is gone. */
  release(command: InFlight): void {
    const slot = command.sequence % this.#window;
    invariant(this.#slots[slot] === command, 'only an unanswered command is released');
    this.#slots[slot] = undefined;
    this.#unanswered -= 1;
    while (this.#oldest < this.#next && this.#slots[this.#oldest % this.#window] === undefined) this.#oldest += 1;
  }

  /** The unanswered commands in ascending order of sequence. */
  *inOrder(): Generator<InFlight> {
    const end = this.#next;
    for (let sequence = this.#oldest; sequence < end; sequence += 1) {
      const command = this.find(sequence);
      if (command !== undefined) yield command;
    }
  }
}
