import type { Block, QuorumCertificate } from '../../src/protocol/types.js';
import type { SyncSettings } from './settings.js';

/** Blocks for consensus with a certificate for the last one. */
export interface FetchedBatch {
  readonly blocks: readonly Block[];
  readonly certificate: QuorumCertificate;
}

type BatchSize = Pick<SyncSettings, 'batchBlocks' | 'batchBytes'>;

/** Cuts an answer into batches. The certificate of a batch that is not the last stands in the next one's first block. */
export function batchesOf({ blocks, certificate }: FetchedBatch, size: BatchSize): readonly FetchedBatch[] {
  const batches: FetchedBatch[] = [];
  for (let start = 0; start < blocks.length; ) {
    const end = endOfBatch(blocks, start, size);
    batches.push({ blocks: blocks.slice(start, end), certificate: blocks[end]?.header.justify ?? certificate });
    start = end;
  }
  return batches;
}

function endOfBatch(blocks: readonly Block[], start: number, { batchBlocks, batchBytes }: BatchSize): number {
  let bytes = 0;
  let end = start;
  while (end < blocks.length && end - start < batchBlocks && (end === start || bytes < batchBytes)) {
    bytes += blocks[end]?.body.length ?? 0;
    end += 1;
  }
  return end;
}

/** Fetched batches on their way to consensus: a few are with it, the rest waits here. */
export class BatchQueue {
  readonly #ahead: number;
  #waiting: FetchedBatch[] = [];
  #unsettled = 0;
  #most = 0;

  /** `ahead`: how many batches consensus may have before it. */
  constructor(ahead: number) {
    this.#ahead = ahead;
  }

  /** Nothing waits, and consensus has settled everything. */
  get settled(): boolean {
    return this.#waiting.length === 0 && this.#unsettled === 0;
  }

  /** Blocks that wait here. */
  get blocks(): number {
    return this.#waiting.reduce((sum, { blocks }) => sum + blocks.length, 0);
  }

  /** The most blocks that have waited here at once: what one answer brought. */
  get most(): number {
    return this.#most;
  }

  /** Nothing waits: the next answer may come. */
  get hungry(): boolean {
    return this.#waiting.length === 0;
  }

  add(batches: readonly FetchedBatch[]): void {
    this.#waiting.push(...batches);
    this.#most = Math.max(this.#most, this.blocks);
  }

  /** The batches that consensus may get now. */
  take(): readonly FetchedBatch[] {
    const taken = this.#waiting.splice(0, Math.max(0, this.#ahead - this.#unsettled));
    this.#unsettled += taken.length;
    return taken;
  }

  /** Consensus has answered one batch. */
  settleOne(): void {
    this.#unsettled = Math.max(0, this.#unsettled - 1);
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
  }
}
