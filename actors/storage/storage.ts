import type { AnyChart } from '../../machines/chart.js';
import {
  type StorageAction,
  type StorageEvent,
  type StoragePhase,
  storageChart,
  type WriteNeed,
} from '../../machines/storage.machine.js';
import { invariant } from '../../src/errors.js';
import type { Logger } from '../../src/logger.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { QuorumCertificate, SafetyRecord } from '../../src/protocol/types.js';
import type { Behaviour } from '../../src/runtime/behaviour.js';
import { encodeSafetyCopy } from '../../src/wire/safety-copy.js';
import {
  type BlockPlace,
  encodeCount,
  encodeMachine,
  MACHINE_KEY,
  placeOf,
  RECORD_KEY,
  type StoreIdentity,
  WRITTEN_KEY,
} from '../../src/wire/store-layout.js';
import type { RecoveredStore } from '../consensus/messages.js';
import type { StorageActorEffect } from '../roles.js';
import { BatchWrite, type SlotWrite } from './batch-write.js';
import { BlockReads, nothingHeld, type ReadPortion, type ReadStep } from './block-reads.js';
import { GroupCommit } from './group-commit.js';
import { HeldBlocks } from './held-blocks.js';
import type { EvidenceRead, PersistRequest, StorageMessage, StoreContents, StoreEntry } from './messages.js';
import type { BlockBounds } from './recovered-blocks.js';
import { type RecoveredContents, recover } from './recovery.js';
import { refuse } from './store-problem.js';

/** What `createStorage` takes. */
export interface StorageOptions {
  readonly clusterId: string;
  readonly id: ReplicaId;
  /** The name of the state machine; null for one without a name. */
  readonly machine: string | null;
  readonly limits: StorageLimits;
  readonly log: Logger;
  /** Another compiled chart, for tests that leave out a transition. */
  readonly chart?: AnyChart;
}

/** The rows of the table of limits that bound this actor. */
export interface StorageLimits extends BlockBounds {
  readonly storageGatherMs: number;
  readonly storageGatherBytes: number;
  readonly storagePortion: ReadPortion;
}

const FLUSH_TIMER = 'flush';

/**
 * Makes blocks, commits and the safety record durable, in the order in which consensus asks (DESIGN section 6).
 * One batch is on its way at a time; what comes meanwhile makes up the next. A batch goes to the database and, where
 * it has a safety record, side by side to one of two slots; `writesDurable` follows when both are on the disk. A store
 * is sealed at opening, before anybody hears of it, and at a clean stop (`record-copies.ts` says what that is for).
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
  /** The last request that was reported durable. */
  durable: number;
  /** Whether the last batch was a seal. */
  sealed: boolean;
  inFlight: BatchWrite | null;
}

class Storage implements Behaviour<StorageMessage, StorageActorEffect> {
  readonly #options: StorageOptions;
  readonly #identity: StoreIdentity;
  readonly #chart: typeof storageChart;
  #phase: StoragePhase;
  #store: OpenStore | null = null;
  /** What the others are told when the store is sealed. */
  #recovered: RecoveredStore | null = null;
  #effects: StorageActorEffect[] = [];

  constructor(options: StorageOptions) {
    this.#options = options;
    this.#identity = { clusterId: options.clusterId, replica: options.id };
    this.#chart = (options.chart ?? storageChart) as typeof storageChart;
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
        this.#step({ type: 'stopRequested', sealed: this.#sealed });
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
        if (message.type === 'readEvidence')
          this.#tellEvidence({ type: 'evidenceRead', token: message.token, proofs: [] });
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
        const { storageGatherMs: delayMs } = this.#options.limits;
        const message = { type: 'flushTimerExpired' } as const;
        this.#effects.push({ type: 'startTimer', timer: FLUSH_TIMER, delayMs, message });
        return;
      }
      case 'cancelFlushTimer':
        this.#effects.push({ type: 'cancelTimer', timer: FLUSH_TIMER });
        return;
      case 'writeBatch':
      case 'seal':
        if (this.#store !== null) this.#write(this.#store, action === 'seal');
        return;
      case 'announce':
        return this.#announce();
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
        return this.#progress(store, store.inFlight, store.inFlight.entriesWritten());
      case 'slotWritten':
        if (store.inFlight?.token !== message.token) return;
        return this.#progress(store, store.inFlight, store.inFlight.slotWritten());
      case 'readRange':
        return this.#take(store.reads.range(message));
      case 'readBranch':
        return this.#take(store.reads.branch(message));
      case 'readEvidence':
        return this.#take(store.reads.evidence(message));
      case 'entriesRead':
        return this.#take(store.reads.entriesRead(message.token, message.values));
      case 'rangeScanned':
        return this.#take(store.reads.rangeScanned(message.token, message.values));
      default:
        return;
    }
  }

  #open(contents: StoreContents): void {
    const { limits, log, machine } = this.#options;
    const { treeTips, treeBodyBytes } = limits;
    const recovery = recover({ ...this.#identity, machine, treeTips, treeBodyBytes }, contents);
    if (!recovery.ok) return this.#fail(recovery.problem.code, recovery.problem.detail);
    const { mark, unreadable, stale, machineKnown, sealed, record, committed, uncommitted, evidence } =
      recovery.contents;
    if (mark !== null) log.warn('safetyRecordRepaired', { found: mark });
    if (unreadable.length > 0)
      log.warn('evidenceUnreadable', { proofs: unreadable.length, first: unreadable[0] ?? null });
    const entries = machine === null || machineKnown ? [] : [{ key: MACHINE_KEY, value: encodeMachine(machine) }];
    this.#store = this.#storeOf(recovery.contents, entries);
    this.#recovered = { record, committed, uncommitted, evidence };
    this.#step({ type: 'opened', sealed: sealed && entries.length + stale.length === 0 });
  }

  #storeOf(recovered: RecoveredContents, entries: readonly StoreEntry[]): OpenStore {
    const { committed, uncommitted, stale, batch, nextSlot, record, sealed } = recovered;
    const tip = placeOf(committed);
    const held = new HeldBlocks(tip, uncommitted);
    const sources = {
      durableTip: () => store.durableTip,
      certificateOf: (hash: BlockPlace['hash']) => held.certificateOf(hash) ?? certificateIn(store.record, hash),
      branch: held.branch.bind(held),
    };
    const reads = new BlockReads(this.#identity.clusterId, sources, this.#options.limits.storagePortion);
    const gathered = new GroupCommit(held, { entries, stale });
    const last = { batch, nextSlot, record, durableTip: tip, durable: 0, sealed, inFlight: null };
    const store: OpenStore = { held, gathered, reads, ...last };
    return store;
  }

  #announce(): void {
    if (this.#recovered === null) return;
    const store = this.#recovered;
    this.#recovered = null;
    const committedHeight = store.committed.header.height;
    this.#effects.push(
      { type: 'send', to: 'consensus', message: { type: 'recovered', store } },
      { type: 'send', to: 'proposalGenerator', message: { type: 'logRecovered', committedHeight } },
      { type: 'send', to: 'replica', message: { type: 'storeRecovered', committedHeight } },
    );
  }

  /** Whether a stop has nothing left to write. */
  get #sealed(): boolean {
    return this.#store?.gathered.empty === true && this.#store.sealed;
  }

  #persist(store: OpenStore, request: PersistRequest): void {
    store.gathered.add(request);
    this.#step({ type: 'gathered', need: this.#needOf(store) });
  }

  /** What nothing signed waits for rests a moment and goes with the next request that something does. */
  #needOf({ gathered }: OpenStore): WriteNeed {
    if (gathered.empty) return 'nothing';
    return gathered.urgent || gathered.bytes >= this.#options.limits.storageGatherBytes ? 'due' : 'mayWait';
  }

  /** Begins the next batch: everything gathered so far. */
  #write(store: OpenStore, seal: boolean): void {
    const batch = store.gathered.take();
    // Only a clean stop lowers the bound; then both slots are written, since the stronger of two copies would count.
    const lowered = batch.safety !== null && store.record !== null && batch.safety.bound < store.record.bound;
    const seals = seal || lowered;
    store.batch += 1;
    store.record = batch.safety ?? store.record;
    const entries: StoreEntry[] = [{ key: WRITTEN_KEY, value: encodeCount(store.batch) }];
    const slots: SlotWrite[] = [];
    if (seals || batch.safety !== null) {
      const copy = encodeSafetyCopy({ identity: this.#identity, batch: store.batch, record: store.record });
      entries.push({ key: RECORD_KEY, value: copy });
      for (const slot of this.#slotsFor(store, seals)) slots.push({ slot, bytes: copy });
    }
    store.inFlight = new BatchWrite({ token: store.batch, batch, entries, slots, seals });
    this.#effects.push(...store.inFlight.begin());
  }

  /** The slots take turns, so that a torn write never spoils the newest copy. */
  #slotsFor(store: OpenStore, seals: boolean): readonly (0 | 1)[] {
    const first = store.nextSlot;
    const other = first === 0 ? 1 : 0;
    if (seals) return [first, other];
    store.nextSlot = other;
    return [first];
  }

  #progress(store: OpenStore, inFlight: BatchWrite, next: readonly StorageActorEffect[]): void {
    this.#effects.push(...next);
    if (!inFlight.done) return;
    store.inFlight = null;
    store.sealed = inFlight.seals;
    const { tip, upTo } = inFlight.batch;
    store.durableTip = tip ?? store.durableTip;
    if (upTo > store.durable) {
      store.durable = upTo;
      this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'writesDurable', number: upTo } });
    }
    this.#step({ type: 'batchWritten', need: this.#needOf(store), sealed: this.#sealed });
  }

  #take(step: ReadStep | null): void {
    if (step === null) return;
    if (step.kind === 'ask') this.#effects.push(step.effect);
    else if (step.kind === 'evidence') this.#tellEvidence(step.answer);
    else if (step.kind === 'answer') this.#effects.push({ type: 'send', to: step.reader, message: step.answer });
    else {
      const { code, detail } = refuse('STORE_DAMAGED', step.found).problem;
      this.#fail(code, detail);
    }
  }

  #tellEvidence(message: EvidenceRead): void {
    this.#effects.push({ type: 'send', to: 'gateway', message });
  }

  /** Nothing is reported durable ever again: what was not written must never be spoken of (DESIGN section 6). */
  #fail(code: string, detail: string): void {
    this.#step({ type: 'failed', code, detail });
  }
}

function certificateIn(record: SafetyRecord | null, hash: BlockPlace['hash']): QuorumCertificate | null {
  return record?.highQc.block === hash ? record.highQc : null;
}
