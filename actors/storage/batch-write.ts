import type { Batch } from './group-commit.js';
import type { StorageEffect, StoreEntry } from './messages.js';

/** A copy of the safety record for one slot. */
export interface SlotWrite {
  readonly slot: 0 | 1;
  readonly bytes: Uint8Array;
}

interface BatchWriteOptions {
  /** The batch's number, by which the host's answers name it. */
  readonly token: number;
  readonly batch: Batch;
  /** What goes to the database beside the batch. */
  readonly entries: readonly StoreEntry[];
  /** Written one after the other; none for a batch without a record. */
  readonly slots: readonly SlotWrite[];
  /** The slots wait for the database, so that two equal slots prove that it has the batch (`record-copies.ts`). */
  readonly seals: boolean;
}

/** One batch on its way to the database and to its slots. */
export class BatchWrite {
  readonly token: number;
  readonly batch: Batch;
  readonly seals: boolean;
  readonly #entries: readonly StoreEntry[];
  /** The first may be on its way. */
  readonly #slots: SlotWrite[];
  #entriesDue = true;

  constructor({ token, batch, entries, slots, seals }: BatchWriteOptions) {
    this.token = token;
    this.batch = batch;
    this.seals = seals;
    this.#entries = entries;
    this.#slots = [...slots];
  }

  /** Whether it is on the disk everywhere. */
  get done(): boolean {
    return !this.#entriesDue && this.#slots.length === 0;
  }

  /** Asks for the database and, but for a seal, for the first slot beside it. Once. */
  begin(): readonly StorageEffect[] {
    const entries = [...this.batch.entries, ...this.#entries];
    const write = { type: 'writeEntries', token: this.token, entries, deletes: this.batch.deletes } as const;
    return this.seals ? [write] : [write, ...this.#nextSlot()];
  }

  /** The database has the batch. A seal goes on to its slots, one after the other: a crash tears one of them at most. */
  entriesWritten(): readonly StorageEffect[] {
    this.#entriesDue = false;
    return this.seals ? this.#nextSlot() : [];
  }

  /** The slot that was on its way is on the disk; the next one may go. */
  slotWritten(): readonly StorageEffect[] {
    this.#slots.shift();
    return this.#nextSlot();
  }

  #nextSlot(): readonly StorageEffect[] {
    const next = this.#slots[0];
    return next === undefined ? [] : [{ type: 'writeSlot', token: this.token, ...next }];
  }
}
