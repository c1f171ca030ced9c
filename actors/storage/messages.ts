import type { Equivocation } from '../../src/protocol/evidence.js';
import type { BlockHash, Height, ReplicaId } from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate, SafetyRecord } from '../../src/protocol/types.js';
import type { StoreMessage } from '../../src/wire/store.js';

/** The contract with the host of a store. It stands in src/wire, where the adapter that performs it can see it. */
export type { StoreContents, StoreEffect as StorageEffect, StoreEntry, StoreMessage } from '../../src/wire/store.js';

/** What becomes durable together. Consensus numbers its writes from 1 upwards, without gaps. */
export interface PersistRequest {
  readonly number: number;
  /** Whether something signed waits for it; what nobody waits for may rest a moment and go with the next write. */
  readonly urgent: boolean;
  readonly safety: SafetyRecord | null;
  readonly blocks: readonly Block[];
  /** Newly committed blocks, ascending and without gaps in height. */
  readonly committed: readonly { readonly height: Height; readonly hash: BlockHash }[];
  /** Blocks that consensus no longer holds: they leave the disk, and may come again. */
  readonly abandoned: readonly BlockHash[];
  /** Proofs of equivocation to keep; consensus bounds how many. */
  readonly evidence: readonly Equivocation[];
}

/** Who asked for blocks; the answer goes back there as `blocksRead`. */
export type BlockReader = 'sync' | 'gateway' | 'consensus';

/**
 * Blocks oldest first, each the parent of the next, with a certificate for the last one. The certificate is null where
 * there are no blocks, and may be null where the last one is the tip that was asked for by its hash.
 */
export interface BlocksRead {
  readonly type: 'blocksRead';
  readonly token: number;
  readonly blocks: readonly Block[];
  readonly certificate: QuorumCertificate | null;
  readonly committedHeight: Height;
}

/** Proofs of equivocation as they are stored, by view. */
export interface EvidenceRead {
  readonly type: 'evidenceRead';
  readonly token: number;
  readonly proofs: readonly Uint8Array[];
}

/** What storage takes. */
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
  /** The proofs kept against a replica; the answer goes to the gateway as `evidenceRead`. */
  | {
      readonly type: 'readEvidence';
      readonly token: number;
      readonly accused: ReplicaId;
      readonly maxProofs: number;
      readonly maxBytes: number;
    }
  | { readonly type: 'flushTimerExpired' }
  | StoreMessage
  | { readonly type: 'stopRequested' };
