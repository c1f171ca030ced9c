import type { AnyChart } from '../../machines/chart.js';
import {
  type StorageAction,
  type StorageEvent,
  type StoragePhase,
  storageChart,
  type WriteNeed,
} from '../../machines/storage.machine.js';
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
  /** Another compiled chart, for tests that leave out a transition. */
  readonly chart?: AnyChart;
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
  readonly #chart: typeof storageChart;
  #phase: StoragePhase;
  #store: OpenStore | null = null;
  #effects: StorageActorEffect[] = [];

  constructor({ clusterId, id, settings, chart = storageChart }: StorageOptions) {
    this.#identity = { clusterId, replica: id };
    this.#settings = { ...storageDefaults, ...settings };
    this.#chart = chart as typeof storageChart;
    this.#phase = this.#chart.initial;
  }

  receive(message: StorageMessage): readonly StorageActorEffect[] {
    this.#effects = [];
    this.#handle(message);
    return this.#effects;
  }

  #handle(message: StorageMessage): void {
    switch (message.type) {
      case 'openStore':
        return invariant(this.#step({ type: 'openRequested' }), 'a store is opened once');
      case 'storeFailed':
        return this.#fail(message.code, message.detail);
      case 'stopRequested':
        this.#step({ type: 'stopRequested' });
        return;
      case 'storeOpened':
        if (this.#phase === 'opening') this.#open(message.contents);
        return;
      default:
        if (this.#store !== null && this.#chart.matches(this.#phase, 'open')) {
          return this.#handleOpen(this.#store, message);
        }
        if (message.type === 'readRange' || message.type === 'readBranch') {
          this.#effects.push({ type: 'send', to: message.reader, message: nothingHeld(message.token) });
        }
    }
  }

  /** Whether the phase accepts the event; one that it does not accept changes nothing. */
  #step(event: StorageEvent): boolean {
    const step = this.#chart.step(this.#phase, event);
    if (step === null) return false;
    this.#phase = step.state;
    for (const action of step.actions) this.#perform(action, event);
    return true;
  }

  #perform(action: StorageAction, event: StorageEvent): void {
    switch (action) {
      case 'openStore':
        this.#effects.push({ type: 'openStore' });
        return;
      case 'startFlushTimer': {
        const { flushDelayMs: delayMs } = this.#settings;
        const message = { type: 'flushTimerExpired' } as const;
        this.#effects.push({ type: 'startTimer', timer: FLUSH_TIMER, delayMs, message });
        return;
      }
      case 'cancelFlushTimer':
        this.#effects.push({ type: 'cancelTimer', timer: FLUSH_TIMER });
        return;
      case 'writeBatch':
        if (this.#store !== null) this.#write(this.#store);
        return;
      case 'reportFailure': {
        if (event.type !== 'failed') return;
        const { code, detail } = event;
        this.#effects.push({ type: 'send', to: 'replica', message: { type: 'operationFailed', code, detail } });
        return;
      }
      case 'reportStopped':
        this.#effects.push({ type: 'send', to: 'replica', message: { type: 'partStopped', role: 'storage' } });
    }
  }

  #handleOpen(store: OpenStore, message: StorageMessage): void {
    switch (message.type) {
      case 'persist':
        return this.#persist(store, message.request);
      case 'flushTimerExpired':
        this.#step({ type: 'flushDue' });
        return;
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
    this.#store = this.#storeOf(recovery.contents);
    this.#step({ type: 'opened' });
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
    this.#step({ type: 'gathered', need: this.#needOf(store) });
  }

  /** What nothing signed waits for rests a moment and goes with the next request that something does. */
  #needOf({ gathered }: OpenStore): WriteNeed {
    if (gathered.empty) return 'nothing';
    return gathered.urgent || gathered.bytes >= this.#settings.flushBytes ? 'due' : 'mayWait';
  }

  /** Begins the next batch: everything gathered so far. */
  #write(store: OpenStore): void {
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
    this.#step({ type: 'batchWritten', need: this.#needOf(store) });
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
    this.#step({ type: 'failed', code, detail });
  }
}

function certificateIn(record: SafetyRecord | null, hash: BlockPlace['hash']): QuorumCertificate | null {
  return record?.highQc.block === hash ? record.highQc : null;
}
