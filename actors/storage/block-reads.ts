import type { BlockHash, Height } from '../../src/protocol/numbers.js';
import { asHeight } from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate } from '../../src/protocol/types.js';
import { decodeStoredBlock } from '../../src/wire/block.js';
import {
  BLOCKS_END,
  type BlockPlace,
  blocksFrom,
  decodeHeight,
  evidenceAgainst,
  hashKey,
} from '../../src/wire/store-layout.js';
import type { BlockReader, BlocksRead, EvidenceRead, StorageEffect, StorageMessage } from './messages.js';

type RangeRequest = Extract<StorageMessage, { type: 'readRange' }>;
type BranchRequest = Extract<StorageMessage, { type: 'readBranch' }>;
type EvidenceRequest = Extract<StorageMessage, { type: 'readEvidence' }>;

/** One answer on its way: committed blocks are fetched a portion at a time, so that a turn stays short. */
interface Reading {
  readonly reader: BlockReader;
  readonly token: number;
  readonly from: Height;
  readonly maxBlocks: number;
  readonly maxBytes: number;
  readonly blocks: Block[];
  bytes: number;
}

/** How much one reading turn of storage reads at most. */
export interface ReadPortion {
  readonly blocks: number;
  readonly bytes: number;
}

/** What reads need to know of the store. */
export interface ReadSources {
  /** The last committed block that is on the disk. */
  durableTip(): BlockPlace;
  /** The certificate of a block without a committed child, or null where none is held. */
  certificateOf(hash: BlockHash): QuorumCertificate | null;
  /** See HeldBlocks. */
  branch(tip: BlockHash, above: Height): readonly Block[] | null;
}

/** What became of one message: an answer, a question to the disk, or a contradiction in the store. */
export type ReadStep =
  | { readonly kind: 'answer'; readonly reader: BlockReader; readonly answer: BlocksRead }
  | { readonly kind: 'evidence'; readonly answer: EvidenceRead }
  | { readonly kind: 'ask'; readonly effect: StorageEffect }
  | { readonly kind: 'damaged'; readonly found: string };

/** Serves blocks to sync and the gateway, and proofs of equivocation to the latter. Nothing here waits for a write, and no write waits for it. */
export class BlockReads {
  readonly #clusterId: string;
  readonly #sources: ReadSources;
  readonly #portion: ReadPortion;
  readonly #scans = new Map<number, Reading>();
  readonly #lookUps = new Map<number, BranchRequest>();
  /** The asker's token, by ours. */
  readonly #proofScans = new Map<number, number>();
  #token = 0;

  constructor(clusterId: string, sources: ReadSources, portion: ReadPortion) {
    this.#clusterId = clusterId;
    this.#sources = sources;
    this.#portion = portion;
  }

  range(request: RangeRequest): ReadStep {
    return this.#start(request, request.fromHeight, this.#sources.durableTip().height);
  }

  branch(request: BranchRequest): ReadStep {
    const { tip, aboveHeight } = request;
    const held = this.#sources.branch(tip, aboveHeight);
    if (held !== null) return this.#answerHeld(request, held);
    const lastCommitted = this.#sources.durableTip().height;
    if (this.#sources.branch(tip, lastCommitted) !== null) {
      return this.#start(request, asHeight(aboveHeight + 1), lastCommitted);
    }
    this.#token += 1;
    this.#lookUps.set(this.#token, request);
    return { kind: 'ask', effect: { type: 'readEntries', token: this.#token, keys: [hashKey(tip)] } };
  }

  evidence({ token, accused, maxProofs: limit, maxBytes }: EvidenceRequest): ReadStep {
    this.#token += 1;
    this.#proofScans.set(this.#token, token);
    const range = evidenceAgainst(accused);
    return { kind: 'ask', effect: { type: 'scanRange', token: this.#token, ...range, limit, maxBytes } };
  }

  entriesRead(token: number, values: readonly (Uint8Array | null)[]): ReadStep | null {
    const request = this.#lookUps.get(token);
    if (request === undefined) return null;
    this.#lookUps.delete(token);
    const value = values[0] ?? null;
    const height = value === null ? null : decodeHeight(value);
    const committed = this.#sources.durableTip().height;
    if (height === null || height > committed) return this.#answer(request, [], null);
    return this.#start(request, asHeight(request.aboveHeight + 1), height);
  }

  rangeScanned(token: number, values: readonly Uint8Array[]): ReadStep | null {
    const asked = this.#proofScans.get(token);
    if (asked !== undefined) {
      this.#proofScans.delete(token);
      return { kind: 'evidence', answer: { type: 'evidenceRead', token: asked, proofs: values } };
    }
    const reading = this.#scans.get(token);
    if (reading === undefined) return null;
    this.#scans.delete(token);
    const scanned = values.length;
    for (const value of values) {
      const block = decodeStoredBlock(this.#clusterId, value);
      if (block === null || !follows(reading, block)) return damaged(nextHeight(reading));
      reading.blocks.push(block);
      reading.bytes += block.body.length;
    }
    if (scanned === 0) return damaged(nextHeight(reading));
    return this.#complete(reading) ? this.#finish(reading) : this.#scan(reading);
  }

  #start(request: RangeRequest | BranchRequest, fromHeight: Height, to: Height): ReadStep {
    const from = asHeight(Math.max(1, fromHeight));
    const { reader, token, maxBytes } = request;
    const maxBlocks = Math.min(request.maxBlocks, to - from + 1);
    if (maxBlocks < 1) return this.#answer(request, [], null);
    return this.#scan({ reader, token, from, maxBlocks, maxBytes, blocks: [], bytes: 0 });
  }

  /** One block beyond what is wanted is read where there is one: its justify certifies the last. */
  #scan(reading: Reading): ReadStep {
    this.#token += 1;
    this.#scans.set(this.#token, reading);
    const limit = Math.min(this.#portion.blocks, this.#wanted(reading) - reading.blocks.length);
    const from = blocksFrom(nextHeight(reading));
    const maxBytes = Math.min(this.#portion.bytes, Math.max(1, reading.maxBytes - reading.bytes));
    return { kind: 'ask', effect: { type: 'scanRange', token: this.#token, from, to: BLOCKS_END, limit, maxBytes } };
  }

  #wanted({ from, maxBlocks }: Reading): number {
    return Math.min(maxBlocks + 1, this.#sources.durableTip().height - from + 1);
  }

  #complete(reading: Reading): boolean {
    const { blocks, bytes, maxBytes } = reading;
    // One block is always given, and the one after it has its certificate.
    return (blocks.length > 1 && bytes > maxBytes) || blocks.length >= this.#wanted(reading);
  }

  #finish(reading: Reading): ReadStep {
    const count = countWithin(reading);
    const blocks = reading.blocks.slice(0, count);
    const last = blocks.at(-1) as Block;
    const certificate = reading.blocks[count]?.header.justify ?? this.#sources.certificateOf(last.hash);
    if (certificate !== null) return this.#answer(reading, blocks, certificate);
    return this.#answer(reading, blocks.slice(0, -1), blocks.length > 1 ? last.header.justify : null);
  }

  #answerHeld(request: BranchRequest, held: readonly Block[]): ReadStep {
    const { maxBlocks, maxBytes } = request;
    const count = countWithin({ blocks: held, maxBlocks, maxBytes });
    if (count === 0) return this.#answer(request, [], null);
    const certificate = held[count]?.header.justify ?? this.#sources.certificateOf(request.tip);
    return this.#answer(request, held.slice(0, count), certificate);
  }

  #answer(
    to: { readonly reader: BlockReader; readonly token: number },
    blocks: readonly Block[],
    certificate: QuorumCertificate | null,
  ): ReadStep {
    const committedHeight = this.#sources.durableTip().height;
    const answer: BlocksRead = { type: 'blocksRead', token: to.token, blocks, certificate, committedHeight };
    return { kind: 'answer', reader: to.reader, answer };
  }
}

/** An answer to a reader of a store that is not open: nothing is held. */
export function nothingHeld(token: number): BlocksRead {
  return { type: 'blocksRead', token, blocks: [], certificate: null, committedHeight: asHeight(0) };
}

function nextHeight({ from, blocks }: Reading): Height {
  return asHeight(from + blocks.length);
}

function follows(reading: Reading, block: Block): boolean {
  const before = reading.blocks.at(-1);
  return block.header.height === nextHeight(reading) && (before === undefined || block.header.parent === before.hash);
}

function damaged(height: Height): ReadStep {
  return { kind: 'damaged', found: `The committed block at height ${height} is missing or unreadable` };
}

/** How many blocks from the first fit into the answer; one always does. */
function countWithin(of: { readonly blocks: readonly Block[]; readonly maxBlocks: number; readonly maxBytes: number }) {
  const most = Math.min(of.blocks.length, of.maxBlocks);
  let bytes = 0;
  for (let count = 0; count < most; count++) {
    bytes += (of.blocks[count] as Block).body.length;
    if (bytes > of.maxBytes) return Math.max(1, count);
  }
  return most;
}
