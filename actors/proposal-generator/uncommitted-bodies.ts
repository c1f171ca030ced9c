import type { BlockHash, ReplicaId, View } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import { decodeBody } from '../../src/wire/command-batch.js';
import type { CommandBatch } from '../../src/wire/peer-messages.js';
import type { CommandPool } from './command-pool.js';

interface HeldBody {
  readonly bytes: Uint8Array;
  /** Decoded when first needed: a replica that never leads has no use for it. */
  batches: readonly CommandBatch[] | null;
  claimed: boolean;
  committed: boolean;
}

/** A body that this replica built and whose block has not come back from consensus yet. */
interface OwnBody {
  readonly view: View;
  readonly parent: BlockHash;
  readonly batches: readonly CommandBatch[];
}

/**
 * The commands in blocks that are not executed yet, and which of these blocks the next one will stand on: their
 * commands are claimed in the pool, those of any other branch wait there again. Bodies are decoded once, when a leader
 * first needs them.
 */
export class UncommittedBodies {
  readonly #id: ReplicaId;
  readonly #pool: CommandPool;
  readonly #bodies = new Map<BlockHash, HeldBody>();
  #own: OwnBody | null = null;

  constructor(id: ReplicaId, pool: CommandPool) {
    this.#id = id;
    this.#pool = pool;
  }

  /** Whether the branch in hand holds commands that are not committed. */
  get inFlight(): boolean {
    for (const body of this.#bodies.values()) if (body.claimed && !body.committed) return true;
    return false;
  }

  /** Whether consensus has yet to make a block of the last body: its commands stand nowhere else. */
  get isOwnPending(): boolean {
    return this.#own !== null;
  }

  /** Notes a block of any branch. */
  added(block: Block): void {
    if (block.body.length === 0 || this.#bodies.has(block.hash)) return;
    const batches = this.#takeOwn(block);
    this.#bodies.set(block.hash, {
      bytes: block.body,
      batches,
      claimed: batches !== null,
      committed: false,
    });
  }

  /** Notes the body that this replica has built on `parent`; its commands were taken from the pool. */
  built(own: OwnBody): void {
    this.#own = own.batches.length === 0 ? null : own;
  }

  /** Claims the commands of `ancestors` and of committed blocks, and releases those of all others. */
  standOn(ancestors: readonly BlockHash[]): void {
    this.dropOwn();
    const branch = new Set(ancestors);
    for (const [hash, body] of this.#bodies) {
      if (!body.committed && !branch.has(hash)) this.#release(body);
    }
    for (const [hash, body] of this.#bodies) {
      if (body.committed || branch.has(hash)) this.#claim(body);
    }
  }

  /** Gives back the commands of a body that consensus made no block of. */
  dropOwn(): void {
    if (this.#own !== null) this.#pool.release(this.#own.batches);
    this.#own = null;
  }

  committed(block: Block): void {
    this.added(block);
    const body = this.#bodies.get(block.hash);
    if (body !== undefined) body.committed = true;
  }

  /** Forgets a block whose commands have left the pool. */
  executed(hash: BlockHash): void {
    this.#bodies.delete(hash);
  }

  /** Forgets blocks that will never commit; their commands wait again. */
  abandoned(hashes: readonly BlockHash[]): void {
    for (const hash of hashes) {
      const body = this.#bodies.get(hash);
      if (body === undefined) continue;
      this.#release(body);
      this.#bodies.delete(hash);
    }
  }

  #takeOwn(block: Block): readonly CommandBatch[] | null {
    const own = this.#own;
    if (own === null || block.header.proposer !== this.#id) return null;
    if (own.view !== block.header.view || own.parent !== block.header.parent) return null;
    this.#own = null;
    return own.batches;
  }

  #claim(body: HeldBody): void {
    if (body.claimed) return;
    body.claimed = true;
    body.batches ??= decodeBody(body.bytes) ?? [];
    this.#pool.claim(body.batches);
  }

  #release(body: HeldBody): void {
    if (!body.claimed) return;
    body.claimed = false;
    this.#pool.release(body.batches ?? []);
  }
}
