import { concatBytes, hexToBytes, sha256 } from '../../src/crypto/hash.js';
import { invariant } from '../../src/errors.js';
import { asHeight, asSequence, type ClientId, type Height, type Sequence } from '../../src/protocol/numbers.js';
import {
  encodeEntries,
  encodeNumbers,
  type Outcome,
  type SessionEntry,
  type SessionRecord,
} from '../../src/wire/session-records.js';

const PAGE_SLOTS = 32;
const DIGEST_BYTES = 32;
/** What a reply takes in memory beside its bytes. */
const REPLY_OVERHEAD_BYTES = 200;
const KINDS = [undefined, 'reply', 'invalid', 'forgotten'] as const;
const [NONE, REPLY, INVALID, FORGOTTEN] = [0, 1, 2, 3] as const;
const NO_HEIGHT = asHeight(0);
const EMPTY_PAGE = sha256(encodeEntries([]));
/** Bytes of replies that take as long to hash as a page of short ones. */
const PAGE_BYTES = 8 * 1024;

/** What the replies of all sessions of a table take in memory; their sessions keep the account. */
export interface ReplyMemory {
  bytes: number;
}

/** All that a session remembers, as plain data that takes little more memory than the session does. */
export interface SessionCopy {
  readonly client: ClientId;
  readonly place: number;
  readonly activity: number;
  readonly highest: number;
  readonly heldFrom: number;
  /** A byte for each sequence number of the window. */
  readonly kinds: Uint8Array;
  readonly replies: readonly { readonly slot: number; readonly height: Height; readonly reply: Uint8Array }[];
}

/** What a session may remember. */
interface SessionOptions {
  /** Sequence numbers. */
  readonly window: number;
  readonly replyBytes: number;
  readonly memory: ReplyMemory;
}

/**
 * What is remembered of one client: which of its last sequence numbers (`sessionWindow`) have run, and of those with a reply
 * where, and the reply. Its digest is a function of just that, and hashes only the pages of 32 numbers that changed.
 */
export class Session {
  readonly client: ClientId;
  /** Its place in the table. */
  readonly place: number;
  /** Orders the table's sessions by when they last ran something new. */
  activity = 0;
  readonly #replyBytesMax: number;
  /** How many sequence numbers are remembered; those further below the highest one are too old to run. */
  readonly #window: number;
  readonly #memory: ReplyMemory;
  #highest = 0;
  /** Replies to sequences below are not held any more. */
  #heldFrom = 0;
  #replyBytes = 0;
  readonly #kinds: Uint8Array;
  #replies: (Uint8Array | undefined)[] = [];
  #heights: number[] = [];
  #pageDigests: Uint8Array | null = null;
  /** A bit for each page that is not hashed as it is; at first all are empty. */
  #changedPages = 0;

  constructor(options: SessionOptions & { readonly client: ClientId; readonly place: number }) {
    const { window } = options;
    invariant(
      window % PAGE_SLOTS === 0 && window <= 32 * PAGE_SLOTS,
      'a session has whole pages of 32, as many as a number has bits',
    );
    this.#window = window;
    this.#kinds = new Uint8Array(window);
    this.client = options.client;
    this.place = options.place;
    this.#replyBytesMax = options.replyBytes;
    this.#memory = options.memory;
  }

  /** The highest sequence that has run; 0 before any. */
  get highest(): number {
    return this.#highest;
  }

  get #pages(): number {
    return this.#window / PAGE_SLOTS;
  }

  /** The highest sequence that is too old to run; 0 or less where none is. */
  get tooOldUpTo(): number {
    return this.#highest - this.#window;
  }

  isTooOld(sequence: Sequence): boolean {
    return sequence <= this.tooOldUpTo;
  }

  /** Whether a command has run, or is too old to. */
  isPast(sequence: Sequence): boolean {
    return this.isTooOld(sequence) || (sequence <= this.#highest && this.#kinds[sequence % this.#window] !== NONE);
  }

  /** What a command of the window came to; undefined when it has not run. */
  outcomeOf(sequence: Sequence): Outcome | undefined {
    return sequence > this.#highest ? undefined : this.#outcomeAt(sequence % this.#window);
  }

  /** The height at which a command ran whose reply is held. */
  heightOf(sequence: Sequence): Height {
    return asHeight(this.#heights[sequence % this.#window] ?? NO_HEIGHT);
  }

  /** Remembers a command that has no outcome and is not too old, and forgets what falls out of the window. */
  record({ sequence, height, outcome }: SessionEntry): void {
    this.#advance(sequence);
    const slot = sequence % this.#window;
    if (!(outcome instanceof Uint8Array)) return this.#setKind(slot, outcome === 'invalid' ? INVALID : FORGOTTEN);
    if (sequence < this.#heldFrom) return this.#setKind(slot, FORGOTTEN);
    this.#setKind(slot, REPLY);
    this.#hold(slot, height, outcome);
    while (this.#replyBytes > this.#replyBytesMax) this.#forgetLowest();
  }

  /** Forgets every reply, and its place in memory; that their commands ran is not forgotten. */
  forgetReplies(): void {
    for (let slot = 0; slot < this.#window; slot += 1) if (this.#dropReply(slot)) this.#setKind(slot, FORGOTTEN);
    this.#replies = [];
    this.#heights = [];
  }

  /** What the next digest costs at most, in pages of short replies: 10 µs each or about that. */
  get digestWork(): number {
    let pages = 1;
    for (let page = 0; page < this.#pages; page += 1) if (this.#isChanged(page)) pages += 1;
    return pages + Math.floor(this.#replyBytes / PAGE_BYTES);
  }

  /** 32 bytes that stand for the client, its activity and every entry. */
  digest(): Uint8Array {
    this.#pageDigests ??= emptyPages(this.#pages);
    for (let page = 0; page < this.#pages; page += 1) {
      if (!this.#isChanged(page)) continue;
      this.#pageDigests.set(sha256(this.#encodePage(page)), page * DIGEST_BYTES);
    }
    this.#changedPages = 0;
    const head = encodeNumbers(this.#highest, this.#heldFrom, this.activity);
    return sha256(concatBytes(hexToBytes(this.client), head, this.#pageDigests));
  }

  /** All of it, for a snapshot. */
  toRecord(): SessionRecord {
    const entries: SessionEntry[] = [];
    for (let sequence = Math.max(1, this.#highest - this.#window + 1); sequence <= this.#highest; sequence += 1) {
      const slot = sequence % this.#window;
      if (this.#kinds[slot] !== NONE) entries.push(this.#entryAt(slot, sequence));
    }
    const { client, place, activity } = this;
    return { client, place, activity, highest: this.#highest, heldFrom: this.#heldFrom, entries };
  }

  /** The session that a snapshot holds; null when there can be no such session. */
  static fromRecord(record: SessionRecord, bounds: SessionOptions): Session | null {
    const session = new Session({ client: record.client, place: record.place, ...bounds });
    session.activity = record.activity;
    for (const entry of record.entries) {
      if (entry.sequence <= session.#highest || entry.sequence <= record.highest - session.#window) return null;
      const hasReply = entry.outcome instanceof Uint8Array;
      if (hasReply ? entry.sequence < record.heldFrom : entry.height !== NO_HEIGHT) return null;
      session.record(entry);
    }
    if (session.#highest !== record.highest || session.#heldFrom > record.heldFrom) return null;
    session.#heldFrom = record.heldFrom;
    return session;
  }

  /** The same as plain data, for a table of the same bounds. */
  copy(): SessionCopy {
    const { client, place, activity } = this;
    const replies = this.#replies.flatMap((reply, slot) =>
      reply === undefined ? [] : [{ slot, height: asHeight(this.#heights[slot] ?? NO_HEIGHT), reply }],
    );
    return {
      client,
      place,
      activity,
      highest: this.#highest,
      heldFrom: this.#heldFrom,
      kinds: this.#kinds.slice(),
      replies,
    };
  }

  /** The session that was copied. */
  static fromCopy(copy: SessionCopy, bounds: SessionOptions): Session {
    const { client, place, kinds } = copy;
    invariant(kinds.length === bounds.window, 'a session is copied between tables of the same bounds');
    const session = new Session({ client, place, ...bounds });
    session.activity = copy.activity;
    session.#highest = copy.highest;
    session.#heldFrom = copy.heldFrom;
    session.#kinds.set(kinds);
    for (let page = 0; page < session.#pages; page += 1) session.#changedPages |= 1 << page;
    for (const { slot, height, reply } of copy.replies) session.#hold(slot, height, reply);
    return session;
  }

  #hold(slot: number, height: Height, reply: Uint8Array): void {
    this.#replies[slot] = reply;
    this.#heights[slot] = height;
    this.#replyBytes += reply.length;
    this.#memory.bytes += reply.length + REPLY_OVERHEAD_BYTES;
  }

  #advance(sequence: number): void {
    if (sequence <= this.#highest) return;
    const leaving = Math.min(sequence - this.#highest, this.#window);
    for (let above = sequence - leaving + 1; above <= sequence; above += 1) this.#clear(above % this.#window);
    this.#highest = sequence;
  }

  #clear(slot: number): void {
    if (this.#kinds[slot] === NONE) return;
    this.#dropReply(slot);
    this.#setKind(slot, NONE);
  }

  #forgetLowest(): void {
    const lowest = Math.max(this.#heldFrom, this.#highest - this.#window + 1, 1);
    const slot = lowest % this.#window;
    if (this.#dropReply(slot)) this.#setKind(slot, FORGOTTEN);
    this.#heldFrom = lowest + 1;
  }

  /** Returns whether there was one. */
  #dropReply(slot: number): boolean {
    const reply = this.#replies[slot];
    if (reply === undefined) return false;
    this.#replies[slot] = undefined;
    this.#heights[slot] = NO_HEIGHT;
    this.#replyBytes -= reply.length;
    this.#memory.bytes -= reply.length + REPLY_OVERHEAD_BYTES;
    return true;
  }

  #setKind(slot: number, kind: number): void {
    this.#kinds[slot] = kind;
    this.#changedPages |= 1 << Math.floor(slot / PAGE_SLOTS);
  }

  #isChanged(page: number): boolean {
    return (this.#changedPages & (1 << page)) !== 0;
  }

  #outcomeAt(slot: number): Outcome | undefined {
    const kind = KINDS[this.#kinds[slot] as number];
    return kind === 'reply' ? this.#replies[slot] : kind;
  }

  #encodePage(page: number): Uint8Array {
    const entries: SessionEntry[] = [];
    for (let slot = page * PAGE_SLOTS; slot < (page + 1) * PAGE_SLOTS; slot += 1) {
      if (this.#kinds[slot] === NONE) continue;
      const below = (this.#highest - slot + this.#window) % this.#window;
      entries.push(this.#entryAt(slot, this.#highest - below));
    }
    return encodeEntries(entries);
  }

  #entryAt(slot: number, sequence: number): SessionEntry {
    return {
      sequence: asSequence(sequence),
      height: this.heightOf(asSequence(sequence)),
      outcome: this.#outcomeAt(slot) as Outcome,
    };
  }
}

function emptyPages(count: number): Uint8Array {
  const digests = new Uint8Array(count * DIGEST_BYTES);
  for (let page = 0; page < count; page += 1) digests.set(EMPTY_PAGE, page * DIGEST_BYTES);
  return digests;
}
