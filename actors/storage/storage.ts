import { invariant } from '../../src/errors.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { QuorumCertificate, SafetyRecord } from '../../src/protocol/types.js';
import type { Behaviour } from '../../src/runtime/behaviour.js';
import { encodeSafetyCopy } from '../../src/wire/safety-copy.js';
import {
  type BlockPlace,
  encodeCount,
  placeOf,
  RECORD_KEY,
  type StoreIdentity,
  WRITTEN_KEY,
} from '../../src/wire/store-layout.js';
import type { StorageActorEffect } from '../roles.js';
import { BlockReads, nothingHeld, type ReadPortion, type ReadStep } from './block-reads.js';
import { type Batch, GroupCommit } from './group-commit.js';
import { HeldBlocks } from './held-blocks.js';
import type { PersistRequest, StorageMessage, StoreContents, StoreEntry } from './messages.js';
import { type RecoveredContents, recover } from './recovery.js';
import { refuse } from './store-problem.js';

export interface StorageOptions {
  readonly clusterId: string;
  readonly id: ReplicaId;
  readonly settings?: Partial<StorageSettings>;
}

export interface StorageSettings {
  /** How long blocks that nobody waits for may gather before they are written, in milliseconds. */
  readonly flushDelayMs: number;
  /** How many bytes of them may gather. */
  readonly flushBytes: number;
  /** How much is read from the disk at once for one answer. */
  readonly portion: ReadPortion;
}

export const storageDefaults: StorageSettings = {
  flushDelayMs: 5,
  flushBytes: 1024 * 1024,
  portion: { blocks: 64, bytes: 1024 * 1024 },
};

const FLUSH_TIMER = 'flush';

/**
 * Makes blocks, commits and the safety record durable, in the order in which consensus asks (DESIGN section 6).
 * One batch is on its way at a time; what comes meanwhile makes up the next. A batch goes to the database and, where
 * it has a safety record, side by side to one of two slots; `writesDurable` follows when both are on the disk.
 */
export function createStorage(options: StorageOptions): Behaviour<StorageMessage, StorageActorEffect> {
  return new Storage(options);
}

/** What there is only once the store is open. */
interface OpenStore {
  readonly held: HeldBlocks;
  readonly gathered: GroupCommit;
  readonly reads: BlockReads;
  batch: number;
  nextSlot: 0 | 1;
  record: SafetyRecord | null;
  durableTip: BlockPlace;
  inFlight: InFlight | null;
}

interface InFlight {
  readonly token: number;
  readonly batch: Batch;
  entriesDue: boolean;
  /** Slots still to be written, one after the other; the first is on its way. */
  readonly slotsDue: (0 | 1)[];
  readonly copy: Uint8Array;
}

class Storage implements Behaviour<StorageMessage, StorageActorEffect> {
  readonly #identity: StoreIdentity;
  readonly #settings: StorageSettings;
  #phase: 'closed' | 'opening' | 'open' | 'failed' | 'stopped' = 'closed';
  #store: OpenStore | null = null;
  #stopping = false;
  #flushTimerRuns = false;
  #effects: StorageActorEffect[] = [];

  constructor(options: StorageOptions) {
    this.#identity = { clusterId: options.clusterId, replica: options.id };
    this.#settings = { ...storageDefaults, ...options.settings };
  }

  receive(message: StorageMessage): readonly StorageActorEffect[] {
    this.#effects = [];
    this.#handle(message);
    return this.#effects;
  }

  #handle(message: StorageMessage): void {
    switch (message.type) {
      case 'openStore':
        invariant(this.#phase === 'closed', 'a store is opened once');
        this.#phase = 'opening';
        this.#effects.push({ type: 'openStore' });
        return;
      case 'storeFailed':
        return this.#fail(message.code, message.detail);
      case 'stopRequested':
        this.#stopping = true;
        return this.#stopWhenWritten();
      case 'storeOpened':
        if (this.#phase === 'opening') this.#open(message.contents);
        return;
      default:
        if (this.#store !== null && this.#phase === 'open') return this.#handleOpen(this.#store, message);
        if (message.type === 'readRange' || message.type === 'readBranch') {
          this.#effects.push({ type: 'send', to: message.reader, message: nothingHeld(message.token) });
        }
    }
  }

  #handleOpen(store: OpenStore, message: StorageMessage): void {
    switch (message.type) {
      case 'persist':
        return this.#persist(store, message.request);
      case 'flushTimerExpired':
        this.#flushTimerRuns = false;
        return this.#write(store);
      case 'entriesWritten':
        if (store.inFlight?.token !== message.token) return;
        store.inFlight.entriesDue = false;
        return this.#progress(store, store.inFlight);
      case 'slotWritten':
        if (store.inFlight?.token !== message.token) return;
        store.inFlight.slotsDue.shift();
        this.#writeSlot(store.inFlight);
        return this.#progress(store, store.inFlight);
      case 'readRange':
        return this.#take(store.reads.range(message));
      case 'readBranch':
        return this.#take(store.reads.branch(message));
      case 'entriesRead':
        return this.#take(store.reads.entriesRead(message.token, message.values));
      case 'rangeScanned':
        return this.#take(store.reads.rangeScanned(message.token, message.values));
      default:
        return;
    }
  }

  #open(contents: StoreContents): void {
    const recovery = recover(this.#identity, contents);
    if (!recovery.ok) return this.#fail(recovery.problem.code, recovery.problem.detail);
    this.#phase = 'open';
    this.#store = this.#storeOf(recovery.contents);
    const { record, committed, uncommitted } = recovery.contents;
    const committedHeight = committed.header.height;
    this.#effects.push(
      { type: 'send', to: 'consensus', message: { type: 'recovered', store: { record, committed, uncommitted } } },
      { type: 'send', to: 'proposalGenerator', message: { type: 'logRecovered', committedHeight } },
      { type: 'send', to: 'replica', message: { type: 'storeRecovered', committedHeight } },
    );
  }

  #storeOf({ committed, uncommitted, stale, batch, nextSlot, record, slotAhead }: RecoveredContents): OpenStore {
    const tip = placeOf(committed);
    const held = new HeldBlocks(tip, uncommitted);
    const sources = {
      durableTip: () => store.durableTip,
      certificateOf: (hash: BlockPlace['hash']) => held.certificateOf(hash) ?? certificateIn(store.record, hash),
      branch: held.branch.bind(held),
    };
    const reads = new BlockReads(this.#identity.clusterId, sources, this.#settings.portion);
    const gathered = new GroupCommit(held, stale, slotAhead ? record : null);
    const store: OpenStore = { held, gathered, reads, batch, nextSlot, record, durableTip: tip, inFlight: null };
    return store;
  }

  #persist(store: OpenStore, request: PersistRequest): void {
    store.gathered.add(request);
    this.#writeWhenDue(store);
  }

  /** What nothing signed waits for rests a moment and goes with the next request that something does. */
  #writeWhenDue(store: OpenStore): void {
    const { gathered } = store;
    if (store.inFlight !== null || gathered.empty) return;
    const { flushBytes, flushDelayMs } = this.#settings;
    if (gathered.urgent || gathered.bytes >= flushBytes || this.#stopping) return this.#write(store);
    if (this.#flushTimerRuns) return;
    this.#flushTimerRuns = true;
    const message = { type: 'flushTimerExpired' } as const;
    this.#effects.push({ type: 'startTimer', timer: FLUSH_TIMER, delayMs: flushDelayMs, message });
  }

  /** Begins the next batch unless one is on its way: then everything gathered goes with the next. */
  #write(store: OpenStore): void {
    if (store.inFlight !== null || store.gathered.empty) return;
    this.#cancelFlushTimer();
    const batch = store.gathered.take();
    store.batch += 1;
    const copy = this.#copyOf(store, batch);
    const entries: StoreEntry[] = [...batch.entries, { key: WRITTEN_KEY, value: encodeCount(store.batch) }];
    if (copy !== null) entries.push({ key: RECORD_KEY, value: copy });
    const token = store.batch;
    this.#effects.push({ type: 'writeEntries', token, entries, deletes: batch.deletes });
    const slotsDue = copy === null ? [] : this.#slotsFor(store, batch.safety);
    store.inFlight = { token, batch, entriesDue: true, slotsDue, copy: copy ?? new Uint8Array(0) };
    store.record = batch.safety ?? store.record;
    this.#writeSlot(store.inFlight);
  }

  #copyOf(store: OpenStore, batch: Batch): Uint8Array | null {
    if (batch.safety === null) return null;
    return encodeSafetyCopy({ identity: this.#identity, batch: store.batch, record: batch.safety });
  }

  /**
   * The slots take turns, so that a torn write never spoils the newest copy. Only a clean stop lowers the bound; then
   * both are written, one after the other, since the stronger of two copies would count.
   */
  #slotsFor(store: OpenStore, safety: SafetyRecord | null): (0 | 1)[] {
    const first = store.nextSlot;
    const other = first === 0 ? 1 : 0;
    if (safety !== null && store.record !== null && safety.bound < store.record.bound) return [first, other];
    store.nextSlot = other;
    return [first];
  }

  #writeSlot({ token, slotsDue, copy }: InFlight): void {
    const slot = slotsDue[0];
    if (slot !== undefined) this.#effects.push({ type: 'writeSlot', token, slot, bytes: copy });
  }

  #progress(store: OpenStore, inFlight: InFlight): void {
    if (inFlight.entriesDue || inFlight.slotsDue.length > 0) return;
    store.inFlight = null;
    store.durableTip = inFlight.batch.tip ?? store.durableTip;
    const { upTo } = inFlight.batch;
    this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'writesDurable', number: upTo } });
    this.#writeWhenDue(store);
    this.#stopWhenWritten();
  }

  #stopWhenWritten(): void {
    if (!this.#stopping || this.#phase === 'stopped') return;
    if (this.#phase === 'open' && this.#store !== null) {
      this.#write(this.#store);
      if (this.#store.inFlight !== null) return;
    }
    this.#phase = 'stopped';
    this.#effects.push({ type: 'send', to: 'replica', message: { type: 'partStopped', role: 'storage' } });
  }

  #cancelFlushTimer(): void {
    if (!this.#flushTimerRuns) return;
    this.#flushTimerRuns = false;
    this.#effects.push({ type: 'cancelTimer', timer: FLUSH_TIMER });
  }

  #take(step: ReadStep | null): void {
    if (step === null) return;
    if (step.kind === 'ask') this.#effects.push(step.effect);
    else if (step.kind === 'answer') this.#effects.push({ type: 'send', to: step.reader, message: step.answer });
    else {
      const { code, detail } = refuse('STORE_DAMAGED', step.found).problem;
      this.#fail(code, detail);
    }
  }

  /** Nothing is reported durable ever again: what was not written must never be spoken of (DESIGN section 6). */
  #fail(code: string, detail: string): void {
    if (this.#phase === 'failed' || this.#phase === 'stopped') return;
    this.#phase = 'failed';
    this.#cancelFlushTimer();
    this.#effects.push({ type: 'send', to: 'replica', message: { type: 'operationFailed', code, detail } });
    this.#stopWhenWritten();
  }
}

function certificateIn(record: SafetyRecord | null, hash: BlockPlace['hash']): QuorumCertificate | null {
  return record?.highQc.block === hash ? record.highQc : null;
}
