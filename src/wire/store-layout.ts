/**
 * How a store is laid out: the keys of its database, and the small values that are no blocks.
 *
 * | key | value |
 * |---|---|
 * | `meta` | whose store it is, as JSON: {@link StoreMeta} |
 * | `written` | the number of the last batch, in decimal digits |
 * | `record` | the database's copy of the safety record: {@link SafetyCopy} |
 * | `tip` | the last committed block, as `height/hash`; absent while only genesis is committed |
 * | `machine` | the name of the state machine that the blocks are for; absent where it has none |
 * | `block/height/hash` | a block (`encodeStoredBlock`) |
 * | `part/height/hash/index` | a part of that block's body, where it has more than {@link STORED_PART_BYTES} |
 * | `hash/hash` | the height of that block |
 * | `evidence/replica/view/kind` | a proof that the replica signed two of a kind in a view (`encodeEquivocation`) |
 *
 * A body in parts is left out of its block's value, behind its length. Its parts are on the disk before that value, so that
 * a block is there whole or not at all: parts without a block are what a crash left, and go with the next write. A
 * large value as one entry would hold up the thread that hands it to LevelDB, which copies it at once.
 *
 * A height is written with 16 decimal digits, so that keys are in order of height: a new block is always the last key,
 * which LevelDB takes without rewriting older files. Blocks that are given up are deleted in the batch that gives
 * them up, therefore the blocks up to the tip are the committed chain: `block/` is its index by height.
 */
import {
  asBlockHash,
  asHeight,
  asReplicaId,
  type BlockHash,
  type Height,
  NUMBER_MAX,
  type ReplicaId,
  type View,
} from '../protocol/numbers.js';
import type { BlockHeader } from '../protocol/types.js';
import type { Accusation } from './evidence.js';

/** The key under which it stands whose store it is. */
export const META_KEY = 'meta';
/** The key of the number of the last batch. */
export const WRITTEN_KEY = 'written';
/** The key of the database's copy of the safety record. */
export const RECORD_KEY = 'record';
/** The key of the place of the last committed block; absent while that is genesis. */
export const TIP_KEY = 'tip';
/** The key of the name of the state machine. */
export const MACHINE_KEY = 'machine';

/** The form of the layout above. A store of another schema is refused. */
export const STORE_SCHEMA = 3;

/**
 * Bytes of each part of a body but the last, and of the largest body that stands in its block's value. To hand 1 MiB to
 * LevelDB takes 0.3 ms, 8 MiB 10 ms (measured).
 */
export const STORED_PART_BYTES = 1024 * 1024;

/** Of a height or view. */
const NUMBER_DIGITS = 16;
const REPLICA_DIGITS = 10;
const INDEX_DIGITS = 4;
const BLOCK_PREFIX = 'block/';
const PART_PREFIX = 'part/';
const HASH_PREFIX = 'hash/';
/** Behind every key of a block: `0` follows `/`. */
export const BLOCKS_END = 'block0';
/** Behind every key of a part. */
export const PARTS_END = 'part0';

/** Before and behind every key of a proof. There are few: what writes them keeps so many against each replica. */
export const EVIDENCE_PREFIX = 'evidence/';
/** Behind every key of a proof. */
export const EVIDENCE_END = 'evidence0';

/** Whose store it is. */
export interface StoreIdentity {
  /** 64 lower-case hex digits. */
  readonly clusterId: string;
  readonly replica: ReplicaId;
}

/** Where a block stands. */
export interface BlockPlace {
  readonly height: Height;
  readonly hash: BlockHash;
}

/** Returns where a block stands, of which only hash and header are needed. */
export const placeOf = (block: { readonly hash: BlockHash; readonly header: BlockHeader }): BlockPlace => ({
  height: block.header.height,
  hash: block.hash,
});

/** Returns the key of a block; keys are in order of height, then of hash. */
export function blockKey(place: BlockPlace): string {
  return BLOCK_PREFIX + formatPlace(place);
}

/** Before every key of a block at `height` or above, and behind those below. */
export function blocksFrom(height: Height): string {
  return BLOCK_PREFIX + formatNumber(height);
}

/** The keys of the parts of a body of `bodyBytes`, in the order of the parts. */
export function partKeys(place: BlockPlace, bodyBytes: number): readonly string[] {
  const count = Math.ceil(bodyBytes / STORED_PART_BYTES);
  return Array.from({ length: count }, (_, index) => {
    return `${PART_PREFIX}${formatPlace(place)}/${String(index).padStart(INDEX_DIGITS, '0')}`;
  });
}

/** Before every key of a part of a block at `height` or above. */
export function partsFrom(height: Height): string {
  return PART_PREFIX + formatNumber(height);
}

/** Returns the place of the block that a key of a part names, or null for any other key. */
export function parsePartKey(key: string): BlockPlace | null {
  return key.startsWith(PART_PREFIX) ? parsePlace(key.slice(PART_PREFIX.length, -INDEX_DIGITS - 1)) : null;
}

/** Returns the key under which a block's height is found by its hash. */
export function hashKey(hash: BlockHash): string {
  return HASH_PREFIX + hash;
}

/** In order of replica, then of view. One proof of a kind and view is as good as another, so that they share a key. */
export function evidenceKey({ replica, view, kind }: Accusation): string {
  return `${EVIDENCE_PREFIX}${String(replica).padStart(REPLICA_DIGITS, '0')}/${formatNumber(view)}/${kind}`;
}

/** The keys of all proofs against a replica: `from` ≤ key < `to`. */
export function evidenceAgainst(replica: ReplicaId): { readonly from: string; readonly to: string } {
  const prefix = EVIDENCE_PREFIX + String(replica).padStart(REPLICA_DIGITS, '0');
  return { from: `${prefix}/`, to: `${prefix}0` };
}

/** Returns the place that a key of a block names, or null for any other key, that of a height above NUMBER_MAX too. */
export function parseBlockKey(key: string): BlockPlace | null {
  return key.startsWith(BLOCK_PREFIX) ? parsePlace(key.slice(BLOCK_PREFIX.length)) : null;
}

const text = new TextEncoder();
const fromText = new TextDecoder();

/** Returns the value of `tip`: `height/hash`. */
export const encodeTip = (place: BlockPlace): Uint8Array => text.encode(formatPlace(place));
/** Returns the place that a value of `tip` names, or null when it names none. */
export const decodeTip = (bytes: Uint8Array): BlockPlace | null => parsePlace(fromText.decode(bytes));

/** Returns a height as 16 decimal digits, as the value of `hash/hash`. */
export const encodeHeight = (height: Height): Uint8Array => text.encode(formatNumber(height));
/** Returns the height that a value of `hash/hash` names, or null when it is no number. */
export function decodeHeight(bytes: Uint8Array): Height | null {
  const height = decodeCount(bytes);
  return height === null ? null : asHeight(height);
}

/** Returns the value of `machine`: the name as UTF-8. */
export const encodeMachine = (name: string): Uint8Array => text.encode(name);
/** Returns the name of the state machine, or null where the store has no value of `machine`. */
export const decodeMachine = (bytes: Uint8Array | undefined): string | null =>
  bytes === undefined ? null : fromText.decode(bytes);

/** Returns a number as decimal digits, as many as it has: the value of `written`. */
export const encodeCount = (count: number): Uint8Array => text.encode(String(count));
/** Returns the number, 0 .. NUMBER_MAX, or null when the bytes are no decimal digits. */
export function decodeCount(bytes: Uint8Array): number | null {
  const digits = fromText.decode(bytes);
  const count = Number(digits);
  return /^\d{1,16}$/.test(digits) && count <= NUMBER_MAX ? count : null;
}

interface StoreMeta extends StoreIdentity {
  readonly schema: number;
}

/** Returns the value of `meta` for a store of the present schema. */
export function encodeMeta(identity: StoreIdentity): Uint8Array {
  const { clusterId, replica } = identity;
  return text.encode(JSON.stringify({ schema: STORE_SCHEMA, clusterId, replica }));
}

/** Returns whose store it is, or null when the bytes do not say. */
export function decodeMeta(bytes: Uint8Array): StoreMeta | null {
  const value = parseJson(fromText.decode(bytes));
  if (typeof value !== 'object' || value === null) return null;
  const { schema, clusterId, replica } = value as Record<string, unknown>;
  if (typeof schema !== 'number' || typeof clusterId !== 'string' || typeof replica !== 'number') return null;
  return { schema, clusterId, replica: asReplicaId(replica) };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function formatNumber(number: Height | View): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
}

function formatPlace({ height, hash }: BlockPlace): string {
  return `${formatNumber(height)}/${hash}`;
}

function parsePlace(place: string): BlockPlace | null {
  const match = /^(\d{16})\/([0-9a-f]{64})$/.exec(place);
  if (match === null || Number(match[1]) > NUMBER_MAX) return null;
  return { height: asHeight(Number(match[1])), hash: asBlockHash(match[2] as string) };
}
