import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { FetchAnswer, FetchRequest } from '../../src/wire/peer-messages.js';
import type { SyncEffect } from '../roles.js';
import type { BlocksRead } from '../storage/messages.js';
import { bodyBytes } from './answer-check.js';
import type { SyncSettings } from './settings.js';

/** What one peer wants and gets. */
interface Customer {
  /** Waits; a newer request takes its place, since a peer has one on its way at a time. */
  waiting: FetchRequest | null;
  reading: boolean;
  /** Gets nothing before this moment. */
  pausedUntil: number;
  /** When its last read began. */
  readAt: number;
}

const SERVE_TIMER = 'serve';

/**
 * Gives blocks to peers that fetch. Each peer has one read at a time and a rate; all together have a few reads at a
 * time; they take turns. So nobody's catching up holds up this replica's voting, or another peer's catching up.
 */
export class Serving {
  readonly #settings: SyncSettings;
  readonly #customers = new Map<ReplicaId, Customer>();
  /** The reads that storage was asked for, by its token. */
  readonly #reads = new Map<number, { readonly peer: ReplicaId; readonly token: number }>();
  #token = 0;
  #timerRuns = false;
  #effects: SyncEffect[] = [];

  constructor(settings: SyncSettings) {
    this.#settings = settings;
  }

  /** Peers that have asked for blocks since the beginning, and reads under way. */
  get counters(): { readonly customers: number; readonly reads: number } {
    return { customers: this.#customers.size, reads: this.#reads.size };
  }

  requested(peer: ReplicaId, request: FetchRequest, now: number): readonly SyncEffect[] {
    const customer = this.#customers.get(peer) ?? { waiting: null, reading: false, pausedUntil: 0, readAt: 0 };
    customer.waiting = request;
    this.#customers.set(peer, customer);
    return this.#serve(now);
  }

  blocksRead({ token, blocks, certificate, committedHeight }: BlocksRead, now: number): readonly SyncEffect[] {
    const read = this.#reads.get(token);
    if (read === undefined) return [];
    this.#reads.delete(token);
    const answer: FetchAnswer = { token: read.token, blocks, certificate, committedHeight };
    this.#effects.push({
      type: 'send',
      to: 'network',
      message: { type: 'sendTo', to: read.peer, message: { type: 'fetchAnswer', answer } },
    });
    const customer = this.#customers.get(read.peer);
    if (customer !== undefined) {
      customer.reading = false;
      customer.pausedUntil = now + this.#restAfter(blocks, now - customer.readAt);
      // Behind all others: its next request waits for theirs.
      this.#customers.delete(read.peer);
      this.#customers.set(read.peer, customer);
    }
    return this.#serve(now);
  }

  /**
   * Milliseconds until a peer gets its next blocks: by their bytes, and many times what the read took, since small blocks
   * cost more than their bytes, and a replica that is slow now has better to do.
   */
  #restAfter(blocks: readonly Block[], tookMs: number): number {
    const { serveBytesPerSecond, restPerRead, restMaxMs } = this.#settings;
    const rest = Math.min(restMaxMs, tookMs * restPerRead);
    return Math.max((bodyBytes(blocks) * 1000) / serveBytesPerSecond, rest);
  }

  timerExpired(now: number): readonly SyncEffect[] {
    this.#timerRuns = false;
    return this.#serve(now);
  }

  peerDisconnected(peer: ReplicaId): void {
    const customer = this.#customers.get(peer);
    if (customer !== undefined) customer.waiting = null;
  }

  stop(): readonly SyncEffect[] {
    this.#customers.clear();
    this.#reads.clear();
    if (this.#timerRuns) this.#effects.push({ type: 'cancelTimer', timer: SERVE_TIMER });
    return this.#takeEffects();
  }

  #serve(now: number): readonly SyncEffect[] {
    let earliest = Number.POSITIVE_INFINITY;
    for (const [peer, customer] of this.#customers) {
      if (customer.waiting === null || customer.reading) continue;
      if (customer.pausedUntil > now) earliest = Math.min(earliest, customer.pausedUntil);
      else if (this.#reads.size < this.#settings.servesAtOnce) this.#read(peer, customer, customer.waiting, now);
    }
    if (earliest < Number.POSITIVE_INFINITY && !this.#timerRuns) {
      this.#timerRuns = true;
      const delayMs = Math.ceil(earliest - now);
      this.#effects.push({ type: 'startTimer', timer: SERVE_TIMER, delayMs, message: { type: 'serveTimerExpired' } });
    }
    return this.#takeEffects();
  }

  #read(peer: ReplicaId, customer: Customer, request: FetchRequest, now: number): void {
    customer.waiting = null;
    customer.reading = true;
    customer.readAt = now;
    this.#token += 1;
    this.#reads.set(this.#token, { peer, token: request.token });
    const maxBlocks = Math.min(request.maxBlocks, this.#settings.fetchBlocks);
    const common = { reader: 'sync', token: this.#token, maxBlocks, maxBytes: this.#settings.fetchBytes } as const;
    const message =
      request.kind === 'range'
        ? ({ type: 'readRange', ...common, fromHeight: request.fromHeight } as const)
        : ({ type: 'readBranch', ...common, tip: request.tip, aboveHeight: request.aboveHeight } as const);
    this.#effects.push({ type: 'send', to: 'storage', message });
  }

  #takeEffects(): readonly SyncEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
