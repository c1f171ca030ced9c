import { invariant } from '../../src/errors.js';
import { asHeight, type ClientId, type Height, type Sequence } from '../../src/protocol/numbers.js';
import type { RefusalReason } from '../../src/wire/client-messages.js';
import type { Outcome, SessionRecord } from '../../src/wire/session-records.js';
import { MerkleArray } from './merkle-array.js';
import { type ReplyMemory, Session, type SessionCopy } from './session.js';

/** How much is remembered. Replicated state: the same on every replica of a cluster. */
export interface SessionBounds {
  /** Clients; beyond, the one that ran nothing new for longest is forgotten. */
  readonly clients: number;
  /** Sequence numbers of one client. */
  readonly window: number;
  /** Bytes of replies of one client; beyond, the replies to its lowest sequences are forgotten. */
  readonly replyBytes: number;
  /**
   * What all replies may take in memory; beyond, those of the clients that ran nothing new for longest are forgotten,
   * one client after the other. That their commands ran is remembered as long as the client is.
   */
  readonly tableBytes: number;
}

/** The rows of the table of limits that bound what is remembered. */
export interface SessionLimits {
  readonly sessions: number;
  readonly sessionWindow: number;
  readonly sessionReplyBytes: number;
  readonly sessionTableBytes: number;
}

/** The bounds that `limits` give. */
export function sessionBounds(limits: SessionLimits): SessionBounds {
  return {
    clients: limits.sessions,
    window: limits.sessionWindow,
    replyBytes: limits.sessionReplyBytes,
    tableBytes: limits.sessionTableBytes,
  };
}

/** A command that will not run again: what it came to, and in the block of which height. */
export interface PastCommand {
  readonly outcome: Outcome;
  readonly height: Height;
}

/** Work on sessions ({@link Session.digestWork}) in one slice of a digest: half a millisecond. */
const SLICE_WORK = 64;

const TOO_OLD: PastCommand = { outcome: 'forgotten', height: asHeight(0) };

/** Why a past command without a reply is refused. */
export function refusalOf({ outcome }: PastCommand): RefusalReason {
  return outcome === 'invalid' ? 'invalid' : 'sequenceTooOld';
}

/** The sessions of all clients, least recently active first. */
export class SessionTable {
  readonly #bounds: SessionBounds;
  /** In ascending order of activity. */
  readonly #sessions = new Map<ClientId, Session>();
  /** Those that may hold replies, in the same order. */
  readonly #replying = new Set<Session>();
  readonly #memory: ReplyMemory = { bytes: 0 };
  /** Those that are not in the tree as they are, nor as the digest in hand wants them. */
  readonly #changed = new Set<Session>();
  /** Those that the digest in hand has yet to take in: still as they were when it was begun. */
  readonly #unhashed = new Set<Session>();
  readonly #tree: MerkleArray;
  #activity = 0;

  constructor(bounds: SessionBounds) {
    this.#bounds = bounds;
    this.#tree = new MerkleArray(bounds.clients);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** What the replies take in memory, all in all. */
  get replyMemoryBytes(): number {
    return this.#memory.bytes;
  }

  /**
   * The client's session, made if need be, as that of the client now active. What it is about to record may exceed the
   * bound by the replies of one client; the next call makes up for it.
   */
  activate(client: ClientId): Session {
    const session = this.#sessions.get(client) ?? this.#create(client);
    this.#willChange(session);
    this.#activity += 1;
    session.activity = this.#activity;
    this.#sessions.delete(client);
    this.#sessions.set(client, session);
    this.#replying.delete(session);
    this.#replying.add(session);
    this.#forgetOldReplies(session);
    return session;
  }

  /** What became of a command: null when it has not run and still may. */
  recall(client: ClientId, sequence: Sequence): PastCommand | null {
    const session = this.#sessions.get(client);
    if (session === undefined) return null;
    if (session.isTooOld(sequence)) return TOO_OLD;
    const outcome = session.outcomeOf(sequence);
    return outcome === undefined ? null : { outcome, height: session.heightOf(sequence) };
  }

  /**
   * 32 bytes that stand for every session as it is at the moment of the call, with a rest after each slice of the work;
   * commands may be recorded meanwhile. Costs what has changed since it was last asked for. Whoever asks again before it is
   * done gives it up.
   */
  digestInSlices(): Iterator<undefined, Uint8Array> {
    for (const session of this.#changed) this.#unhashed.add(session);
    this.#changed.clear();
    return this.#digestSlices();
  }

  /** The same in one go. */
  digest(): Uint8Array {
    const slices = this.digestInSlices();
    for (;;) {
      const { done, value } = slices.next();
      if (done === true) return value;
    }
  }

  /** Every session, least recently active first. */
  records(): readonly SessionRecord[] {
    return Array.from(this.#sessions.values(), (session) => session.toRecord());
  }

  /** Takes in all sessions of a snapshot; false when they are no table's. It was empty before, and is of no use then. */
  restore(records: readonly SessionRecord[]): boolean {
    const places = new Set(records.map(({ place }) => place));
    const inPlace = places.size === records.length && records.every(({ place }) => place < records.length);
    return inPlace && records.length <= this.#bounds.clients && records.every((record) => this.#restoreOne(record));
  }

  /** Every session as plain data, least recently active first: for a table of the same bounds, and for nobody else. */
  copies(): readonly SessionCopy[] {
    return Array.from(this.#sessions.values(), (session) => session.copy());
  }

  /** Takes in what another table of the same bounds holds; it was empty before. */
  takeOver(copies: readonly SessionCopy[]): void {
    invariant(this.size === 0, 'sessions are taken over into an empty table');
    const { window, replyBytes } = this.#bounds;
    for (const copy of copies) {
      const session = Session.fromCopy(copy, { window, replyBytes, memory: this.#memory });
      this.#activity = copy.activity;
      this.#keep(session);
    }
  }

  *#digestSlices(): Generator<undefined, Uint8Array, undefined> {
    let work = 0;
    for (const session of this.#unhashed) {
      if (work >= SLICE_WORK) {
        work = 0;
        yield;
        // It may have been taken in meanwhile, or forgotten.
        if (!this.#unhashed.has(session)) continue;
      }
      work += session.digestWork;
      this.#takeIn(session);
    }
    return this.#tree.root();
  }

  /** Takes a session into the tree if the digest in hand has yet to. */
  #takeIn(session: Session): void {
    if (this.#unhashed.delete(session)) this.#tree.set(session.place, session.digest());
  }

  /** To be called before a session changes. */
  #willChange(session: Session): void {
    this.#takeIn(session);
    this.#changed.add(session);
  }

  #restoreOne(record: SessionRecord): boolean {
    const { window, replyBytes } = this.#bounds;
    const session = Session.fromRecord(record, { window, replyBytes, memory: this.#memory });
    if (session === null || record.activity <= this.#activity || this.#sessions.has(record.client)) return false;
    this.#activity = record.activity;
    this.#keep(session);
    return true;
  }

  #keep(session: Session): void {
    this.#sessions.set(session.client, session);
    this.#replying.add(session);
    this.#changed.add(session);
  }

  #create(client: ClientId): Session {
    const place = this.#sessions.size < this.#bounds.clients ? this.#sessions.size : this.#evict();
    const { window, replyBytes } = this.#bounds;
    const session = new Session({ client, place, window, replyBytes, memory: this.#memory });
    this.#sessions.set(client, session);
    return session;
  }

  #forgetOldReplies(active: Session): void {
    for (const session of this.#replying) {
      if (session === active || this.#memory.bytes <= this.#bounds.tableBytes) return;
      this.#willChange(session);
      session.forgetReplies();
      this.#replying.delete(session);
    }
  }

  /** Forgets the client least recently active and returns its place. */
  #evict(): number {
    const oldest = this.#sessions.values().next();
    invariant(oldest.done !== true, 'a full table holds a session');
    this.#takeIn(oldest.value);
    this.#sessions.delete(oldest.value.client);
    this.#changed.delete(oldest.value);
    this.#replying.delete(oldest.value);
    oldest.value.forgetReplies();
    return oldest.value.place;
  }
}
