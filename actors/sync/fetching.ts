import type { SyncAction, SyncEvent, SyncPhase, syncChart } from '../../machines/sync.machine.js';
import type { Logger } from '../../src/logger.js';
import {
  asHeight,
  asView,
  type BlockHash,
  type Height,
  type ReplicaId,
  type View,
} from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate } from '../../src/protocol/types.js';
import type { FetchAnswer, FetchRequest, PeerMessage } from '../../src/wire/peer-messages.js';
import type { SyncEffect } from '../roles.js';
import { type AnswerRefusal, bodyBytes, judgeAnswer } from './answer-check.js';
import { BatchQueue, batchesOf } from './batches.js';
import type { SyncMessage } from './messages.js';
import type { SyncSettings } from './settings.js';
import { SourcePeers } from './source-peers.js';

type Missing = Extract<SyncMessage, { type: 'ancestorsMissing' }>;
type Settled = Extract<SyncMessage, { type: 'ancestorsSettled' }>;

/** The last block up to which everything is fetched, and how it got here. */
interface Head {
  readonly height: Height;
  readonly hash: BlockHash;
  readonly view: View;
  /** Fetched as a branch that ends in this block; null: committed, here or as a peer says. */
  readonly towards: BlockHash | null;
  readonly supplier: ReplicaId | null;
}

interface Outstanding {
  readonly peer: ReplicaId;
  readonly request: FetchRequest;
  /** What was looked for, and built on, when it was asked. */
  readonly target: QuorumCertificate;
  readonly above: Head;
  readonly askedAt: number;
}

interface FetchingOptions {
  readonly replicas: number;
  readonly settings: SyncSettings;
  readonly verifyCertificate: (qc: QuorumCertificate) => boolean;
  readonly logger: Logger;
  readonly chart: typeof syncChart;
}

const FETCH_TIMER = 'fetch';

/**
 * Fetches what consensus lacks, from one peer at a time and another at each request, the quickest most often: committed blocks by range where a
 * peer has said that it has them, the uncommitted rest by branch. An answer is taken whole or not at all.
 */
export class Fetching {
  readonly #options: FetchingOptions;
  readonly #peers: SourcePeers;
  readonly #queue: BatchQueue;
  readonly #logged = new Set<string>();
  #phase: SyncPhase;
  /** A verified certificate of the block that consensus lacks; null unless `behind`. */
  #target: QuorumCertificate | null = null;
  #preferred: ReadonlySet<ReplicaId> = new Set();
  #base: Head;
  #head: Head;
  /** Null unless `asking`. */
  #outstanding: Outstanding | null = null;
  /** Numbers of the last request and of the last timer. */
  #token = 0;
  #timer = 0;
  /** Blocks asked for: halved when a peer does not answer in time, since the link may be slow. */
  #askFor: number;
  #effects: SyncEffect[] = [];

  constructor(options: FetchingOptions) {
    this.#options = options;
    this.#phase = options.chart.initial;
    this.#peers = new SourcePeers(options.replicas);
    this.#queue = new BatchQueue(options.settings.batchesAhead);
    this.#askFor = options.settings.fetchBlocks;
    this.#base = ownHead(asHeight(0), '' as BlockHash);
    this.#head = this.#base;
  }

  missing({ certificate, committedHeight, committedHash, from }: Missing, now: number): readonly SyncEffect[] {
    this.#preferred = new Set(from);
    this.#rebase(ownHead(committedHeight, committedHash));
    this.#target = certificate;
    this.#step('blocksMissing', now);
    return this.#advance(now);
  }

  settled({ committedHeight, committedHash, missing }: Settled, now: number): readonly SyncEffect[] {
    this.#queue.settleOne();
    this.#rebase(ownHead(committedHeight, committedHash));
    if (!missing) this.#step('nothingMissing', now);
    else if (this.#queue.settled && this.#head.hash === this.#target?.block) {
      // Everything was delivered and it did not do: consensus had to leave something out.
      this.#head = this.#base;
      this.#step('deliveredInVain', now);
    }
    return this.#advance(now);
  }

  answered(from: ReplicaId, answer: FetchAnswer, now: number): readonly SyncEffect[] {
    const outstanding = this.#outstanding;
    if (outstanding?.peer !== from || outstanding.request.token !== answer.token) return [];
    this.#outstanding = null;
    this.#step('answered', now);
    this.#peers.took(from, this.#timePerWhole(outstanding, answer, now), now);
    this.#peers.hasCommitted(from, answer.committedHeight);
    if (answer.blocks.length > 0) this.#take(outstanding, answer, now);
    else this.#rememberNothing(outstanding, now);
    return this.#advance(now);
  }

  timerExpired(token: number, now: number): readonly SyncEffect[] {
    if (token !== this.#timer) return [];
    this.#step('timerExpired', now);
    return this.#advance(now);
  }

  peerConnected(peer: ReplicaId, now: number): readonly SyncEffect[] {
    this.#peers.connected(peer);
    this.#step('peerConnected', now);
    return this.#advance(now);
  }

  peerDisconnected(peer: ReplicaId, now: number): readonly SyncEffect[] {
    this.#peers.disconnected(peer);
    if (this.#outstanding?.peer === peer) {
      this.#peers.took(peer, now - this.#outstanding.askedAt, now);
      this.#outstanding = null;
      this.#step('sourceLost', now);
    }
    return this.#advance(now);
  }

  /** Fetched blocks that consensus has not been given yet. */
  get waitingBlocks(): number {
    return this.#queue.blocks;
  }

  /** The most of them that there were at once, an answer just come included. */
  get waitingBlocksMost(): number {
    return this.#queue.most;
  }

  get isStopped(): boolean {
    return this.#phase === 'stopped';
  }

  stop(now: number): readonly SyncEffect[] {
    this.#step('stopRequested', now);
    return this.#takeEffects();
  }

  /** An event that the phase does not accept changes nothing: messages of peers may come in any phase. */
  #step(event: SyncEvent, now: number): void {
    const step = this.#options.chart.step(this.#phase, { type: event });
    if (step === null) return;
    this.#phase = step.state;
    for (const action of step.actions) this.#perform(action, now);
  }

  #perform(action: SyncAction, now: number): void {
    switch (action) {
      case 'startAnswerTimer':
        return this.#startTimer(this.#options.settings.fetchTimeoutMs);
      case 'startRetryTimer':
        return this.#startTimer(this.#options.settings.retryMs);
      case 'cancelTimer':
        this.#effects.push({ type: 'cancelTimer', timer: FETCH_TIMER });
        return;
      case 'setSourceAside':
        return this.#unanswered(now);
      case 'forgetTarget':
        return this.#forgetTarget();
    }
  }

  /** How long it would have taken at that pace to give all that was asked for; of who had nothing, how long it took to say so. */
  #timePerWhole({ askedAt, request }: Outstanding, { blocks }: FetchAnswer, now: number): number {
    if (blocks.length === 0) return now - askedAt;
    const part = Math.max(blocks.length / request.maxBlocks, bodyBytes(blocks) / this.#options.settings.fetchBytes);
    return (now - askedAt) / Math.min(1, part);
  }

  #take({ peer, request, target, above }: Outstanding, answer: FetchAnswer, now: number): void {
    const { settings, verifyCertificate } = this.#options;
    const asked = { above, target, maxBlocks: request.maxBlocks, maxBytes: settings.fetchBytes };
    const verdict = judgeAnswer(asked, answer, verifyCertificate);
    if (!verdict.ok) return this.#refuse(peer, verdict.reason, now);
    this.#askFor = Math.min(settings.fetchBlocks, this.#askFor * 2);
    const blocks = this.#aboveHead(above, answer.blocks);
    const last = blocks.at(-1);
    if (last === undefined) return;
    this.#queue.add(batchesOf({ blocks, certificate: verdict.certificate }, settings));
    const { height, view } = last.header;
    const towards = request.kind === 'branch' ? target.block : null;
    this.#head = { height, hash: last.hash, view, towards, supplier: peer };
  }

  /** The blocks that come after the head, which may have moved up since they were asked for. */
  #aboveHead(above: Head, blocks: readonly Block[]): readonly Block[] {
    if (above.hash === this.#head.hash) return blocks;
    const index = blocks.findIndex((block) => block.hash === this.#head.hash);
    return index < 0 ? [] : blocks.slice(index + 1);
  }

  #rememberNothing({ peer, request, above }: Outstanding, now: number): void {
    if (request.kind === 'range') this.#peers.gaveNothingAbove(peer, above.height);
    this.#peers.rest(peer, now + this.#options.settings.retryMs);
  }

  /**
   * An answer that does not link proves that one of two lied: who gave it, or who gave the block that it should extend
   * (a certified one that was never committed will do). Both rest, and fetching begins again on own ground.
   */
  #refuse(peer: ReplicaId, reason: AnswerRefusal, now: number): void {
    this.#setAside(peer, reason, now);
    if (reason !== 'unlinked' || this.#head.supplier === null) return;
    if (this.#head.supplier !== peer) this.#setAside(this.#head.supplier, 'disputed', now);
    this.#queue.clear();
    this.#head = this.#base;
  }

  #setAside(peer: ReplicaId, reason: AnswerRefusal | 'unanswered' | 'disputed', now: number): void {
    this.#peers.rest(peer, now + this.#options.settings.setAsideMs);
    const kind = `${peer} ${reason}`;
    if (this.#logged.has(kind)) return;
    this.#logged.add(kind);
    this.#options.logger.warn('peerSetAside', { peer, reason });
  }

  #rebase(own: Head): void {
    this.#base = own;
    if (own.height < this.#head.height) return;
    this.#head = own;
    this.#queue.clear();
  }

  #advance(now: number): readonly SyncEffect[] {
    for (const { blocks, certificate } of this.#queue.take()) {
      this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'ancestorsArrived', blocks, certificate } });
    }
    const target = this.#target;
    const mayAsk = this.#phase === 'behind.delivering' && this.#queue.hungry;
    if (target !== null && mayAsk && this.#head.hash !== target.block) this.#askAbove(target, now);
    return this.#takeEffects();
  }

  /** What was fetched towards another block may lie beside the branch of `target`: that begins on own ground again. */
  #askAbove(target: QuorumCertificate, now: number): void {
    if (this.#head.towards !== null && this.#head.towards !== target.block) {
      if (!this.#queue.settled) return;
      this.#head = this.#base;
    }
    this.#ask(target, now);
  }

  #ask(target: QuorumCertificate, now: number): void {
    const peer = this.#peers.next(this.#preferred, now);
    if (peer === null) return this.#step('nobodyToAsk', now);
    this.#token += 1;
    const request = this.#requestTo(peer, target);
    this.#outstanding = { peer, request, target, above: this.#head, askedAt: now };
    const message: PeerMessage = { type: 'fetchRequest', request };
    this.#effects.push({ type: 'send', to: 'network', message: { type: 'sendTo', to: peer, message } });
    this.#step('asked', now);
  }

  #requestTo(peer: ReplicaId, target: QuorumCertificate): FetchRequest {
    const { height, view } = this.#head;
    const common = { token: this.#token, maxBlocks: this.#askFor };
    const byRange = view >= target.view || this.#peers.hasRangeAbove(peer, height);
    return byRange
      ? { kind: 'range', ...common, fromHeight: asHeight(height + 1) }
      : { kind: 'branch', ...common, tip: target.block, aboveHeight: height };
  }

  /** The link may be slow, or the peer of ill will: another is asked, and for less. */
  #unanswered(now: number): void {
    if (this.#outstanding === null) return;
    const { peer, askedAt } = this.#outstanding;
    this.#outstanding = null;
    this.#askFor = Math.max(1, Math.floor(this.#askFor / 2));
    this.#peers.took(peer, now - askedAt, now);
    this.#setAside(peer, 'unanswered', now);
  }

  #forgetTarget(): void {
    this.#target = null;
    this.#outstanding = null;
    this.#queue.clear();
    this.#head = this.#base;
  }

  #startTimer(delayMs: number): void {
    this.#timer += 1;
    const message = { type: 'fetchTimerExpired', token: this.#timer } as const;
    this.#effects.push({ type: 'startTimer', timer: FETCH_TIMER, delayMs, message });
  }

  #takeEffects(): readonly SyncEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

/** What consensus has committed. Its view is below that of anything that is missing. */
function ownHead(height: Height, hash: BlockHash): Head {
  return { height, hash, view: asView(0), towards: null, supplier: null };
}
