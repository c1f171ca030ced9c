import { invariant } from '../../src/errors.js';
import { asHeight, type ClientId, type Height, type Sequence } from '../../src/protocol/numbers.js';
import type { RefusalReason } from '../../src/wire/client-messages.js';
import type { Outcome, SessionRecord } from '../../src/wire/session-records.js';
import { MerkleArray } from './merkle-array.js';
import { Session } from './session.js';

/** How much is remembered. Replicated state: the same on every replica of a cluster. */
export interface SessionBounds {
  /** Clients; beyond, the one that ran nothing new for longest is forgotten. */
  readonly clients: number;
  /** Bytes of replies of one client; beyond, the replies to its lowest sequences are forgotten. */
  readonly replyBytes: number;
}

/** A command that will not run again: what it came to, and in the block of which height. */
export interface PastCommand {
  readonly outcome: Outcome;
  readonly height: Height;
}

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
  readonly #changed = new Set<Session>();
  readonly #tree: MerkleArray;
  #activity = 0;

  constructor(bounds: SessionBounds) {
    this.#bounds = bounds;
    this.#tree = new MerkleArray(bounds.clients);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The client's session, made if need be, as that of the client now active. */
  activate(client: ClientId): Session {
    const session = this.#sessions.get(client) ?? this.#create(client);
    this.#activity += 1;
    session.activity = this.#activity;
    this.#sessions.delete(client);
    this.#sessions.set(client, session);
    this.#changed.add(session);
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

  /** 32 bytes that stand for every session. Costs what has changed since it was last asked for. */
  digest(): Uint8Array {
    for (const session of this.#changed) this.#tree.set(session.place, session.digest());
    this.#changed.clear();
    return this.#tree.root();
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

  #restoreOne(record: SessionRecord): boolean {
    const session = Session.fromRecord(record, this.#bounds.replyBytes);
    if (session === null || record.activity <= this.#activity || this.#sessions.has(record.client)) return false;
    this.#activity = record.activity;
    this.#sessions.set(record.client, session);
    this.#changed.add(session);
    return true;
  }

  #create(client: ClientId): Session {
    const place = this.#sessions.size < this.#bounds.clients ? this.#sessions.size : this.#evict();
    const session = new Session({ client, place, replyBytes: this.#bounds.replyBytes });
    this.#sessions.set(client, session);
    return session;
  }

  /** Forgets the client least recently active and returns its place. */
  #evict(): number {
    const oldest = this.#sessions.values().next();
    invariant(oldest.done !== true, 'a full table holds a session');
    this.#sessions.delete(oldest.value.client);
    this.#changed.delete(oldest.value);
    return oldest.value.place;
  }
}
