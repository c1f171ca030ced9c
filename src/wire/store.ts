/** What storage asks of the host of a store, and what the host tells it: keys are text, values are bytes. */
import { concatBytes } from '../crypto/hash.js';

/** One entry of the store. */
export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** The rest of a block's value, so that nobody copies a body to join the two. The host may keep a large one in parts. */
  readonly body?: Uint8Array;
}

/** Returns an entry's value with its body, as whoever reads it gets it. */
export function wholeValue({ value, body }: StoreEntry): Uint8Array {
  return body === undefined ? value : concatBytes(value, body);
}

/**
 * What the host read at opening, as bytes: both slots of the safety record (null: the file ends before it), and every
 * entry that recovery needs (`store-layout.ts` names them).
 */
export interface StoreContents {
  readonly slots: readonly [Uint8Array | null, Uint8Array | null];
  readonly entries: readonly StoreEntry[];
}

/**
 * Performed at once and beside each other; what must be in order is asked for only when the one before is answered.
 * A batch is atomic, bodies included; its deletes come after its entries, and it is on the disk before `entriesWritten`;
 * a slot is on the disk before `slotWritten`.
 */
export type StoreEffect =
  | { readonly type: 'openStore' }
  | {
      readonly type: 'writeEntries';
      readonly token: number;
      readonly entries: readonly StoreEntry[];
      readonly deletes: readonly string[];
    }
  | { readonly type: 'writeSlot'; readonly token: number; readonly slot: 0 | 1; readonly bytes: Uint8Array }
  | { readonly type: 'readEntries'; readonly token: number; readonly keys: readonly string[] }
  /** The values of the keys `from` ≤ key < `to` in order: at most `limit`, none after those that reach `maxBytes`. */
  | {
      readonly type: 'scanRange';
      readonly token: number;
      readonly from: string;
      readonly to: string;
      readonly limit: number;
      readonly maxBytes: number;
    };

/** What the host of a store tells storage. */
export type StoreMessage =
  | { readonly type: 'storeOpened'; readonly contents: StoreContents }
  | { readonly type: 'entriesWritten'; readonly token: number }
  | { readonly type: 'slotWritten'; readonly token: number }
  /** In the order of the keys asked for; null where there is none. */
  | { readonly type: 'entriesRead'; readonly token: number; readonly values: readonly (Uint8Array | null)[] }
  | { readonly type: 'rangeScanned'; readonly token: number; readonly values: readonly Uint8Array[] }
  /** Opening, reading or writing failed. Nothing is written after a write that failed. */
  | { readonly type: 'storeFailed'; readonly code: string; readonly detail: string };
