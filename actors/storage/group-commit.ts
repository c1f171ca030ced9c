import { invariant } from '../../src/errors.js';
import type { SafetyRecord } from '../../src/protocol/types.js';
import { encodeEquivocation } from '../../src/wire/evidence.js';
import type { StoreEntry } from '../../src/wire/store.js';
import {
  type BlockPlace,
  blockKey,
  encodeHeight,
  encodeTip,
  evidenceKey,
  hashKey,
  placeOf,
  TIP_KEY,
} from '../../src/wire/store-layout.js';
import { storedBlockParts } from '../../src/wire/stored-block.js';
import type { HeldBlocks } from './held-blocks.js';
import type { PersistRequest } from './messages.js';

/** Persist requests that become durable together. */
export interface Batch {
  /** The last request's number. */
  readonly upTo: number;
  readonly entries: readonly StoreEntry[];
  readonly deletes: readonly string[];
  /** The last request's that had one. */
  readonly safety: SafetyRecord | null;
  readonly tip: BlockPlace | null;
}

/** Gathers requests while an earlier batch is being written. */
export class GroupCommit {
  readonly #held: HeldBlocks;
  #upTo = 0;
  #entries: StoreEntry[];
  /** Keys; they go after the entries, so that a block that comes again is taken out. */
  readonly #deletes = new Set<string>();
  #safety: SafetyRecord | null = null;
  #tip: BlockPlace | null = null;
  #bytes = 0;
  #empty = true;
  #urgent = false;

  /** With the first batch go `entries`, and the deletion of `stale`, blocks on the disk that nobody holds. */
  constructor(
    held: HeldBlocks,
    first: { readonly entries: readonly StoreEntry[]; readonly stale: readonly BlockPlace[] },
  ) {
    this.#held = held;
    this.#entries = [...first.entries];
    for (const key of first.stale.flatMap(keysOf)) this.#deletes.add(key);
  }

  get empty(): boolean {
    return this.#empty;
  }

  /** Whether something signed waits for what is gathered. */
  get urgent(): boolean {
    return this.#urgent;
  }

  /** Of the blocks and proofs that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  add(request: PersistRequest): void {
    invariant(request.number === this.#upTo + 1, 'persist requests are numbered without gaps');
    this.#upTo = request.number;
    this.#empty = false;
    for (const block of request.blocks) {
      if (!this.#held.add(block)) continue;
      const place = placeOf(block);
      const parts = storedBlockParts(block);
      this.#bytes += parts.value.length + (parts.body?.length ?? 0);
      const keys = keysOf(place);
      for (const key of keys) this.#deletes.delete(key);
      const [byPlace, byHash] = keys;
      this.#entries.push({ key: byPlace, ...parts }, { key: byHash, value: encodeHeight(place.height) });
    }
    for (const place of request.committed) {
      this.#held.commit(place);
      this.#tip = place;
    }
    for (const hash of request.abandoned) {
      const place = this.#held.drop(hash);
      if (place !== null) for (const key of keysOf(place)) this.#deletes.add(key);
    }
    for (const proof of request.evidence) {
      const value = encodeEquivocation(proof);
      this.#bytes += value.length;
      this.#entries.push({ key: evidenceKey(proof), value });
    }
    if (request.safety !== null) this.#safety = request.safety;
    if (request.urgent) this.#urgent = true;
  }

  /** Everything gathered so far; what comes later belongs to the next batch. */
  take(): Batch {
    const entries =
      this.#tip === null ? this.#entries : [...this.#entries, { key: TIP_KEY, value: encodeTip(this.#tip) }];
    const batch = { upTo: this.#upTo, entries, deletes: [...this.#deletes], safety: this.#safety, tip: this.#tip };
    this.#entries = [];
    this.#deletes.clear();
    this.#safety = null;
    this.#tip = null;
    this.#bytes = 0;
    this.#empty = true;
    this.#urgent = false;
    return batch;
  }
}

/** What the database has of a block. */
function keysOf(place: BlockPlace): readonly [string, string] {
  return [blockKey(place), hashKey(place.hash)];
}
