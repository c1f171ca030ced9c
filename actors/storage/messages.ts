import type { BlockHash, Height } from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate, SafetyRecord } from '../../src/protocol/types.js';

/** What becomes durable together. Consensus numbers its writes from 1 upwards, without gaps. */
export interface PersistRequest {
  readonly number: number;
  readonly safety: SafetyRecord | null;
  readonly blocks: readonly Block[];
  /** Newly committed blocks, ascending and without gaps in height. */
  readonly committed: readonly { readonly height: Height; readonly hash: BlockHash }[];
}

/** Who asked for blocks; the answer goes back there as `blocksRead`. */
export type BlockReader = 'sync' | 'gateway';

/** Blocks oldest first, each the parent of the next, with a certificate for the last one where one is held. */
export interface BlocksRead {
  readonly type: 'blocksRead';
  readonly token: number;
  readonly blocks: readonly Block[];
  readonly certificate: QuorumCertificate | null;
  readonly committedHeight: Height;
}

export type StorageMessage =
  | { readonly type: 'openStore' }
  | { readonly type: 'persist'; readonly request: PersistRequest }
  /** Committed blocks from `fromHeight` upwards. */
  | {
      readonly type: 'readRange';
      readonly reader: BlockReader;
      readonly token: number;
      readonly fromHeight: Height;
      readonly maxBlocks: number;
      readonly maxBytes: number;
    }
  /** The branch that ends in `tip`, down to but not including `aboveHeight`; the oldest part when cut. */
  | {
      readonly type: 'readBranch';
      readonly reader: BlockReader;
      readonly token: number;
      readonly tip: BlockHash;
      readonly aboveHeight: Height;
      readonly maxBlocks: number;
      readonly maxBytes: number;
    }
  // from the store's host
  | { readonly type: 'entriesWritten'; readonly token: number }
  | { readonly type: 'slotWritten'; readonly token: number }
  | { readonly type: 'storeFailed'; readonly code: string; readonly detail: string }
  | { readonly type: 'storeOpened'; readonly contents: StoreContents }
  | { readonly type: 'entriesRead'; readonly token: number; readonly values: readonly (Uint8Array | null)[] }
  | { readonly type: 'rangeScanned'; readonly token: number; readonly values: readonly Uint8Array[] }
  | { readonly type: 'stopRequested' };

/** What the host read at opening, as bytes: both copies of the safety record, and the entries that recovery needs. */
export interface StoreContents {
  readonly slots: readonly (Uint8Array | null)[];
  readonly entries: readonly StoreEntry[];
}

export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Performed in order within each kind; a batch is atomic and on the disk before `entriesWritten`. */
export type StorageEffect =
  | { readonly type: 'openStore' }
  | {
      readonly type: 'writeEntries';
      readonly token: number;
      readonly entries: readonly StoreEntry[];
      readonly deletes: readonly string[];
    }
  | { readonly type: 'writeSlot'; readonly token: number; readonly slot: 0 | 1; readonly bytes: Uint8Array }
  | { readonly type: 'readEntries'; readonly token: number; readonly keys: readonly string[] }
  | {
      readonly type: 'scanRange';
      readonly token: number;
      readonly from: string;
      readonly to: string;
      readonly limit: number;
    };
