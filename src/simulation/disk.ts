/**
 * A simulated disk: what one replica's store holds. It outlives the processes on it. A write is on the disk when its
 * completion is told; what was asked for and not told may be there after a crash, in part or not at all.
 */

import { asHeight } from '../protocol/numbers.js';
import { encodeSafetyCopy } from '../wire/safety-copy.js';
import { type StoreContents, type StoreEffect, wholeValue } from '../wire/store.js';
import {
  BLOCKS_END,
  blocksFrom,
  decodeTip,
  EVIDENCE_END,
  EVIDENCE_PREFIX,
  encodeCount,
  encodeMeta,
  MACHINE_KEY,
  META_KEY,
  parseBlockKey,
  RECORD_KEY,
  type StoreIdentity,
  TIP_KEY,
  WRITTEN_KEY,
} from '../wire/store-layout.js';
import type { Random } from './random.js';
import { SortedEntries } from './sorted-entries.js';

/** What is asked of a disk that it must keep. */
export type Write = Extract<StoreEffect, { type: 'writeEntries' | 'writeSlot' }>;

/** How a disk is at a time. */
export interface DiskConditions {
  /** Of a write or read: least and most, milliseconds. */
  readonly latencyMs: readonly [number, number];
  /** The next write fails, as for want of room or by an error of the device. */
  readonly failing: boolean;
}

/** What a crash does to the last write that was under way; `random` to all of them. */
export type CrashLoss = 'before' | 'after' | 'torn' | 'random';

/** What a disk may do to what it holds: a byte is flipped in copies of the safety record, or the last batches are gone. */
export type DiskDamage = 'slotFlipped' | 'bothSlotsFlipped' | 'databaseFlipped' | 'lastBatchLost' | 'lastBatchesLost';

/** Batches that `lastBatchesLost` loses. */
const BATCHES_LOST = 3;

/** One write that a replica asks its disk for. */
export interface DurableStep {
  /** Counts those of the disk from 1, over all lives. */
  readonly write: number;
  readonly type: Write['type'];
  /** Writes that were asked for before and are not told yet. */
  readonly underWay: number;
}

/** One replica's disk. It takes no time itself: who asks waits for `latency` between `begin` and `complete`. */
export class SimulatedDisk {
  readonly #identity: StoreIdentity;
  readonly #random: Random;
  #entries: SortedEntries;
  #slots: [Uint8Array | null, Uint8Array | null];
  /** Asked for, not told; in the order of asking. */
  #pending: Write[] = [];
  conditions: DiskConditions;
  /** Changes with whatever the disk holds. */
  version = 0;
  /** Writes that failed. */
  writesFailed = 0;
  /** Writes asked for so far, over all lives. */
  writes = 0;
  /** Batches of the database that were told to be on it. */
  batches = 0;
  readonly #atWrites = new Map<number, () => void>();
  /** What the last batches wrote over, oldest batch first. */
  #undo: (readonly [string, Uint8Array | undefined])[][] = [];
  /** Keys that were deleted and not written since. */
  #gaveUp = new Set<string>();
  /** Told of each write that is asked for. */
  onStep: ((step: DurableStep) => void) | null = null;

  /** An empty store, as `init` makes it. */
  constructor(identity: StoreIdentity, random: Random, conditions: DiskConditions) {
    const copy = encodeSafetyCopy({ identity, batch: 0, record: null });
    this.#identity = identity;
    this.#random = random;
    this.conditions = conditions;
    this.#entries = new SortedEntries([
      [META_KEY, encodeMeta(identity)],
      [WRITTEN_KEY, encodeCount(0)],
      [RECORD_KEY, copy],
    ]);
    this.#slots = [copy, copy];
  }

  get entries(): SortedEntries {
    return this.#entries;
  }

  /** Keys that its replica had taken from it, for good so far. */
  get gaveUp(): ReadonlySet<string> {
    return this.#gaveUp;
  }

  /** The two places of the file beside the database. */
  get slots(): readonly [Uint8Array | null, Uint8Array | null] {
    return this.#slots;
  }

  /** How long the next thing asked of it takes, milliseconds. */
  latency(): number {
    const [least, most] = this.conditions.latencyMs;
    return most > least ? this.#random.between(least, most) : least;
  }

  begin(write: Write): void {
    this.writes += 1;
    this.onStep?.({ write: this.writes, type: write.type, underWay: this.#pending.length });
    this.#pending.push(write);
    const act = this.#atWrites.get(this.writes);
    this.#atWrites.delete(this.writes);
    act?.();
  }

  /** Has `act` called inside the asking for a write: the `write`th from now on. */
  atWrite(write: number, act: () => void): void {
    this.#atWrites.set(this.writes + write, act);
  }

  /** The write is on the disk. */
  complete(write: Write): void {
    const index = this.#pending.indexOf(write);
    if (index < 0) return;
    this.#pending.splice(index, 1);
    this.#apply(write);
    if (write.type === 'writeEntries') this.batches += 1;
  }

  /** Nothing is awaited with `atWrite` any more. */
  disarm(): void {
    this.#atWrites.clear();
  }

  /**
   * The process has ended. `loss` is what becomes of the last write that was under way, `earlier` of those before it;
   * `random` draws for all. A batch is there whole or not at all; a slot may be half written.
   */
  crash(loss: CrashLoss, earlier: 'kept' | 'lost' = loss === 'before' ? 'lost' : 'kept'): void {
    const pending = this.#pending;
    this.#pending = [];
    if (loss === 'random') return this.#loseAtRandom(pending);
    const last = pending.pop();
    if (earlier === 'kept') for (const write of pending) this.#apply(write);
    if (last === undefined || loss === 'before') return;
    if (loss === 'after') this.#apply(last);
    else if (last.type === 'writeSlot') this.#tear(last);
  }

  /** The database and the slot file keep a prefix each of what was under way; neither knows of the other. */
  #loseAtRandom(pending: readonly Write[]): void {
    for (const type of ['writeEntries', 'writeSlot'] as const) {
      const writes = pending.filter((write) => write.type === type);
      const kept = this.#random.below(writes.length + 1);
      for (const write of writes.slice(0, kept)) this.#apply(write);
      const torn = writes[kept];
      if (torn?.type === 'writeSlot' && this.#random.chance(0.5)) this.#tear(torn);
    }
  }

  contents(): StoreContents {
    const keys = [META_KEY, WRITTEN_KEY, RECORD_KEY, MACHINE_KEY, TIP_KEY];
    const entries = keys.flatMap((key) => {
      const value = this.#entries.get(key);
      return value === undefined ? [] : [{ key, value: value.slice() }];
    });
    const tip = this.#entries.get(TIP_KEY);
    const height = tip === undefined ? asHeight(0) : (decodeTip(tip)?.height ?? asHeight(0));
    for (const [key, value] of this.#entries.range(blocksFrom(height), BLOCKS_END)) {
      if (parseBlockKey(key) !== null) entries.push({ key, value: value.slice() });
    }
    for (const [key, value] of this.#entries.range(EVIDENCE_PREFIX, EVIDENCE_END)) {
      entries.push({ key, value: value.slice() });
    }
    return { slots: [this.#slots[0]?.slice() ?? null, this.#slots[1]?.slice() ?? null], entries };
  }

  /** The same disk as it is now, for another process: an old image that is put back, or a twin's. */
  copy(random: Random): SimulatedDisk {
    const copy = new SimulatedDisk(this.#identity, random, this.conditions);
    copy.restore(this);
    return copy;
  }

  /** Takes over what another disk holds. */
  restore(other: SimulatedDisk): void {
    this.#entries = other.#entries.copy();
    this.#slots = [...other.#slots];
    this.#gaveUp = new Set(other.#gaveUp);
    this.#undo = [];
    this.#pending = [];
    this.version += 1;
  }

  /** Spoils what is on the disk, as no crash does. */
  damage(damage: DiskDamage): void {
    this.version += 1;
    switch (damage) {
      case 'slotFlipped':
        return this.#flipSlot(this.#random.pick([0, 1]));
      case 'bothSlotsFlipped':
        this.#flipSlot(0);
        return this.#flipSlot(1);
      case 'databaseFlipped': {
        const copy = this.#entries.get(RECORD_KEY);
        if (copy !== undefined) this.#entries.set(RECORD_KEY, this.#flipped(copy));
        return;
      }
      case 'lastBatchLost':
        return this.#undoBatches(1);
      case 'lastBatchesLost':
        return this.#undoBatches(BATCHES_LOST);
    }
  }

  #flipSlot(slot: 0 | 1): void {
    const bytes = this.#slots[slot];
    if (bytes !== null) this.#slots[slot] = this.#flipped(bytes);
  }

  #flipped(bytes: Uint8Array): Uint8Array {
    const copy = bytes.slice();
    const index = this.#random.below(copy.length);
    copy[index] = (copy[index] as number) ^ (1 << this.#random.below(8));
    return copy;
  }

  #undoBatches(count: number): void {
    for (const before of this.#undo.splice(-count).reverse()) {
      for (const [key, value] of before) {
        if (value === undefined) this.#entries.delete(key);
        else this.#entries.set(key, value);
        // A deletion that is lost gave nothing up.
        if (value !== undefined) this.#gaveUp.delete(key);
      }
    }
  }

  #apply(write: Write): void {
    this.version += 1;
    if (write.type === 'writeSlot') {
      this.#slots[write.slot] = write.bytes;
      return;
    }
    const keys = [...write.entries.map(({ key }) => key), ...write.deletes];
    this.#undo.push(keys.map((key) => [key, this.#entries.get(key)]));
    if (this.#undo.length > BATCHES_LOST) this.#undo.shift();
    for (const entry of write.entries) {
      this.#entries.set(entry.key, wholeValue(entry));
      this.#gaveUp.delete(entry.key);
    }
    for (const key of write.deletes) {
      this.#entries.delete(key);
      this.#gaveUp.add(key);
    }
  }

  #tear({ slot, bytes }: Extract<Write, { type: 'writeSlot' }>): void {
    this.version += 1;
    const before = this.#slots[slot] ?? new Uint8Array(0);
    const written = bytes.length >> 1;
    const torn = new Uint8Array(Math.max(before.length, written));
    torn.set(before);
    torn.set(bytes.subarray(0, written));
    this.#slots[slot] = torn;
  }
}
