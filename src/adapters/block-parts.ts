/** Large bodies in the database, in parts that each hold the thread up for a moment only (`store-layout.ts`). */
import { limits } from '../config/limits.js';
import type { Height } from '../protocol/numbers.js';
import { plainBytes } from '../wire/schema.js';
import type { StoreEntry } from '../wire/store.js';
import {
  type BlockPlace,
  blockKey,
  PARTS_END,
  parseBlockKey,
  parsePartKey,
  partKeys,
  partsFrom,
  STORED_PART_BYTES,
} from '../wire/store-layout.js';
import { missingBodyBytes } from '../wire/stored-block.js';
import type { Database } from './store-database.js';

/** Whether an entry's body stands in parts; else it stands behind its value, and is joined to it. */
export function standsInParts({ body }: StoreEntry): boolean {
  return body !== undefined && body.length > STORED_PART_BYTES;
}

/** Puts values and their bodies together for a database that copies at once what it is given. */
export class ValueJoiner {
  /** Used again for each, so that no memory of the size of a body has to be found, and cleared away, for every block. */
  #room = new Uint8Array(0);

  /** Returns what the database has under the entry's key: the value with its body, until the next call, or without one in parts. */
  join(entry: StoreEntry): Uint8Array {
    const { value, body } = entry;
    if (body === undefined || standsInParts(entry)) return value;
    const length = value.length + body.length;
    if (this.#room.length < length) this.#room = new Uint8Array(length);
    this.#room.set(value);
    this.#room.set(body, value.length);
    return this.#room.subarray(0, length);
  }
}

/** Writes the bodies that are to stand in parts, a part after the other; the blocks' own entries come after them. */
export async function writeParts(
  database: Database,
  entries: readonly StoreEntry[],
  options: { readonly sync: boolean },
): Promise<void> {
  for (const entry of entries) {
    const { key, body } = entry;
    const place = standsInParts(entry) ? parseBlockKey(key) : null;
    if (body === undefined || place === null) continue;
    for (const [index, part] of partKeys(place, body.length).entries()) {
      const start = index * STORED_PART_BYTES;
      // Each is synced: a later sync does not reach into an older log file.
      await database.put(part, body.subarray(start, start + STORED_PART_BYTES), options);
    }
  }
}

/** Returns the value of a block with its parts behind it. Where one is missing or of another length, `value` as it is. */
export async function withParts(database: Database, key: string, value: Uint8Array): Promise<Uint8Array> {
  const own = plainBytes(value);
  const place = parseBlockKey(key);
  const bodyBytes = missingBodyBytes(own);
  if (place === null || bodyBytes === 0 || bodyBytes > limits.bodyBytes) return own;
  const whole = new Uint8Array(own.length + bodyBytes);
  whole.set(own);
  let end = own.length;
  for (const partKey of partKeys(place, bodyBytes)) {
    const part = await database.get(partKey, { fillCache: false });
    if (part === undefined || end + part.length > whole.length) return own;
    whole.set(part, end);
    end += part.length;
  }
  return end === whole.length ? whole : own;
}

/** Returns the keys of the parts of those blocks that are among `keys`, and in the database. */
export async function partsOf(database: Database, keys: readonly string[]): Promise<readonly string[]> {
  const blocks = keys.filter((key) => parseBlockKey(key) !== null);
  if (blocks.length === 0) return [];
  const values = await database.getMany(blocks);
  return values.flatMap((value, index) => {
    const bodyBytes = value === undefined ? 0 : missingBodyBytes(value);
    return bodyBytes === 0 ? [] : partKeys(parseBlockKey(blocks[index] as string) as BlockPlace, bodyBytes);
  });
}

/**
 * Returns the keys of the parts that a crash left without their block: a part is written while its block is above the last
 * committed one, at `height`. `held` has the keys of all blocks from there on.
 */
export async function orphanedParts(
  database: Database,
  height: Height,
  held: ReadonlySet<string>,
): Promise<readonly string[]> {
  const orphans: string[] = [];
  for await (const key of database.keys({ gte: partsFrom(height), lt: PARTS_END })) {
    const place = parsePartKey(key);
    if (place !== null && !held.has(blockKey(place))) orphans.push(key);
  }
  return orphans;
}
