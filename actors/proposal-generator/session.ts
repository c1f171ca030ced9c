import { limits } from '../../src/config/limits.js';
import { concatBytes, hexToBytes, sha256 } from '../../src/crypto/hash.js';
import { asSequence, type ClientId, type Height, type Sequence } from '../../src/protocol/numbers.js';
import {
  encodeEntries,
  encodeNumbers,
  type Outcome,
  type SessionEntry,
  type SessionRecord,
} from '../../src/wire/session-records.js';

/** How many sequence numbers of a client are remembered; those further below its highest one are too old to run. */
const SESSION_WINDOW = limits.sessionWindow;
const PAGE_SLOTS = 32;
const PAGES = SESSION_WINDOW / PAGE_SLOTS;

/**
 * What is remembered of one client: which of its last 1024 sequence numbers have run, where, and the
 * replies. Its digest is a function of just that, and hashes only the pages of 32 numbers that changed.
 */
export class Session {
  readonly client: ClientId;
  /** Its place in the table. */
  readonly place: number;
  /** Orders the table's sessions by when they last ran something new. */
  activity = 0;
  readonly #replyBytesMax: number;
  #highest = 0;
  /** Replies to sequences below are not held any more. */
  #heldFrom = 0;
  #replyBytes = 0;
  readonly #outcomes: (Outcome | undefined)[] = [];
  readonly #heights: number[] = [];
  readonly #pageDigests: Uint8Array[] = [];
  #changedPages = new Set<number>(Array(PAGES).keys());

  constructor(options: { client: ClientId; place: number; replyBytes: number }) {
    this.client = options.client;
    this.place = options.place;
    this.#replyBytesMax = options.replyBytes;
  }

  /** The highest sequence that has run; 0 before any. */
  get highest(): number {
    return this.#highest;
  }

  isTooOld(sequence: Sequence): boolean {
    return sequence <= this.#highest - SESSION_WINDOW;
  }

  /** Whether a command has run, or is too old to. */
  isPast(sequence: Sequence): boolean {
    return this.isTooOld(sequence) || this.outcomeOf(sequence) !== undefined;
  }

  /** What a command of the window came to; undefined when it has not run. */
  outcomeOf(sequence: Sequence): Outcome | undefined {
    return sequence > this.#highest ? undefined : this.#outcomes[sequence % SESSION_WINDOW];
  }

  /** The height at which a command of the window that has an outcome ran. */
  heightOf(sequence: Sequence): Height {
    return this.#heights[sequence % SESSION_WINDOW] as Height;
  }

  /** Remembers a command that has no outcome and is not too old, and forgets what falls out of the window. */
  record({ sequence, height, outcome }: SessionEntry): void {
    this.#advance(sequence);
    const slot = sequence % SESSION_WINDOW;
    this.#outcomes[slot] = sequence < this.#heldFrom && outcome instanceof Uint8Array ? 'forgotten' : outcome;
    this.#heights[slot] = height;
    this.#replyBytes += replyBytes(this.#outcomes[slot]);
    this.#changedPages.add(Math.floor(slot / PAGE_SLOTS));
    while (this.#replyBytes > this.#replyBytesMax) this.#forgetLowest();
  }

  /** 32 bytes that stand for the client, its activity and every entry. */
  digest(): Uint8Array {
    for (const page of this.#changedPages) this.#pageDigests[page] = sha256(this.#encodePage(page));
    this.#changedPages.clear();
    const head = encodeNumbers(this.#highest, this.#heldFrom, this.activity);
    return sha256(concatBytes(hexToBytes(this.client), head, ...this.#pageDigests));
  }

  /** All of it, for a snapshot. */
  toRecord(): SessionRecord {
    const entries: SessionEntry[] = [];
    for (let sequence = Math.max(1, this.#highest - SESSION_WINDOW + 1); sequence <= this.#highest; sequence += 1) {
      const slot = sequence % SESSION_WINDOW;
      if (this.#outcomes[slot] !== undefined) entries.push(this.#entryAt(slot, sequence));
    }
    const { client, place, activity } = this;
    return { client, place, activity, highest: this.#highest, heldFrom: this.#heldFrom, entries };
  }

  /** The session that a snapshot holds; null when there can be no such session. */
  static fromRecord(record: SessionRecord, replyBytes: number): Session | null {
    const session = new Session({ client: record.client, place: record.place, replyBytes });
    session.activity = record.activity;
    for (const entry of record.entries) {
      if (entry.sequence <= session.#highest || entry.sequence <= record.highest - SESSION_WINDOW) return null;
      if (entry.sequence < record.heldFrom && entry.outcome instanceof Uint8Array) return null;
      session.record(entry);
    }
    if (session.#highest !== record.highest || session.#heldFrom > record.heldFrom) return null;
    session.#heldFrom = record.heldFrom;
    return session;
  }

  #advance(sequence: number): void {
    if (sequence <= this.#highest) return;
    const leaving = Math.min(sequence - this.#highest, SESSION_WINDOW);
    for (let above = sequence - leaving + 1; above <= sequence; above += 1) this.#clear(above % SESSION_WINDOW);
    this.#highest = sequence;
  }

  #clear(slot: number): void {
    const outcome = this.#outcomes[slot];
    if (outcome === undefined) return;
    this.#replyBytes -= replyBytes(outcome);
    this.#outcomes[slot] = undefined;
    this.#changedPages.add(Math.floor(slot / PAGE_SLOTS));
  }

  #forgetLowest(): void {
    const lowest = Math.max(this.#heldFrom, this.#highest - SESSION_WINDOW + 1, 1);
    const slot = lowest % SESSION_WINDOW;
    const outcome = this.#outcomes[slot];
    if (outcome instanceof Uint8Array) {
      this.#replyBytes -= outcome.length;
      this.#outcomes[slot] = 'forgotten';
      this.#changedPages.add(Math.floor(slot / PAGE_SLOTS));
    }
    this.#heldFrom = lowest + 1;
  }

  #encodePage(page: number): Uint8Array {
    const entries: SessionEntry[] = [];
    for (let slot = page * PAGE_SLOTS; slot < (page + 1) * PAGE_SLOTS; slot += 1) {
      if (this.#outcomes[slot] === undefined) continue;
      const below = (this.#highest - slot + SESSION_WINDOW) % SESSION_WINDOW;
      entries.push(this.#entryAt(slot, this.#highest - below));
    }
    return encodeEntries(entries);
  }

  #entryAt(slot: number, sequence: number): SessionEntry {
    return {
      sequence: asSequence(sequence),
      height: this.heightOf(asSequence(sequence)),
      outcome: this.#outcomes[slot] as Outcome,
    };
  }
}

function replyBytes(outcome: Outcome | undefined): number {
  return outcome instanceof Uint8Array ? outcome.length : 0;
}
