/**
 * Blocks as bytes: the canonical header and the hash over it, the first block, and the form in which blocks travel
 * and are stored.
 *
 * Header: height (8), view (8), parent (32), justify certificate, proposer (4), body hash (32).
 * Block: header behind its length (4), body behind its length (4). The hash is not part of it: it is computed where a
 * block is decoded, and so is the body's, so that a decoded block always bears its own hashes.
 */
import { hexToBytes, sha256Hex, sha256HexOf } from '../crypto/hash.js';
import {
  asBlockHash,
  asHeight,
  asReplicaId,
  asView,
  type BlockHash,
  type Height,
  type View,
} from '../protocol/numbers.js';
import type { Block, BlockHeader, QuorumCertificate } from '../protocol/types.js';
import { quorumCertificate } from './certificate-schema.js';
import {
  blockHash as blockHashSchema,
  decodeWhole,
  detached,
  hash,
  NO_HEAD,
  number,
  plainBytes,
  replicaId,
  sizedBytes,
  struct,
  whole,
} from './schema.js';

const DOMAIN = new TextEncoder().encode('hotstuff/block/1');
const NO_BLOCK = asBlockHash('0'.repeat(64));
const NO_BODY = new Uint8Array(0);

const headerSchema = whole(
  NO_HEAD,
  struct<BlockHeader>({
    height: number<Height>(),
    view: number<View>(),
    parent: blockHashSchema,
    justify: quorumCertificate,
    proposer: replicaId,
    bodyHash: hash,
  }),
);

/** A block on its way: the bytes of its header, so that they can be hashed as they are, and its body. */
export interface BlockBytes {
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/** Header and body, each behind its length. Decoded, they are views into the bytes they came in. */
export const blockBytes = struct<BlockBytes>({ header: sizedBytes, body: sizedBytes });
const storedBlock = whole(NO_HEAD, blockBytes);

/**
 * The bytes of headers that were encoded or decoded here. A header is hashed, sent and stored, and each time it is the same
 * bytes: of a replica's work for a small block, encoding them again was a tenth.
 */
const headerBytes = new WeakMap<BlockHeader, Uint8Array>();

/** Returns the canonical bytes of a header: what a block's hash is made of. Nobody writes into them. */
export function encodeHeader(header: BlockHeader): Uint8Array {
  const known = headerBytes.get(header);
  if (known !== undefined) return known;
  const bytes = headerSchema.encode(header);
  headerBytes.set(header, bytes);
  return bytes;
}

/** Returns the hash that names a block: SHA-256(`hotstuff/block/1` ‖ cluster id (32 bytes) ‖ canonical header). */
export function blockHash(clusterId: string, header: BlockHeader): BlockHash {
  return hashHeaderBytes(clusterId, encodeHeader(header));
}

function hashHeaderBytes(clusterId: string, header: Uint8Array): BlockHash {
  return asBlockHash(sha256HexOf(DOMAIN, idBytes(clusterId), header));
}

/** A process mostly has blocks of one cluster. */
let lastId: { readonly clusterId: string; readonly bytes: Uint8Array } = { clusterId: '', bytes: NO_BODY };

function idBytes(clusterId: string): Uint8Array {
  if (lastId.clusterId !== clusterId) lastId = { clusterId, bytes: hexToBytes(clusterId) };
  return lastId.bytes;
}

/** Makes a block of a header without its body hash, and a body; both hashes are computed here, unless the body's is given. */
export function makeBlock(
  clusterId: string,
  header: Omit<BlockHeader, 'bodyHash'>,
  body: Uint8Array,
  bodyHash = sha256Hex(body),
): Block {
  const complete = { ...header, bodyHash };
  return { hash: blockHash(clusterId, complete), header: complete, body };
}

/** Returns the block that every chain of the cluster starts with: height 0, view 0, an empty body, no parent. */
export function genesisBlock(clusterId: string): Block {
  const justify: QuorumCertificate = { view: asView(0), block: NO_BLOCK, signatures: [] };
  const header = { height: asHeight(0), view: asView(0), parent: NO_BLOCK, justify, proposer: asReplicaId(0) };
  return makeBlock(clusterId, header, NO_BODY);
}

/** Returns the certificate of genesis, the only one without signatures: view 0 and the hash of genesis. */
export function genesisQc(clusterId: string): QuorumCertificate {
  return { view: asView(0), block: genesisBlock(clusterId).hash, signatures: [] };
}

/** Returns the parts in which a block travels. */
export function toBlockBytes(block: Block): BlockBytes {
  return { header: encodeHeader(block.header), body: block.body };
}

/**
 * Returns the block that `bytes` make, or null when the header does not decode or names another body.
 * Its body is detached from the frame (`detached` in schema.ts).
 */
export function fromBlockBytes(clusterId: string, bytes: BlockBytes): Block | null {
  const unhashed = unhashedBlock(clusterId, bytes.header);
  return unhashed === null ? null : withBody(unhashed, bytes.body, sha256Hex(bytes.body));
}

/** A block whose body is not hashed yet, so that it may be another one's. */
export type UnhashedBlock = Omit<Block, 'body'>;

/** Returns what the bytes of a header say, or null when they are none; they are detached from the frame. */
export function unhashedBlock(clusterId: string, bytes: Uint8Array): UnhashedBlock | null {
  const header = decodeWhole(headerSchema, bytes);
  if (header === null) return null;
  headerBytes.set(header, detached(bytes));
  return { hash: hashHeaderBytes(clusterId, bytes), header };
}

/** Returns the block with its body, whose hash is `bodyHash`; null where the header names another body. */
export function withBody({ hash, header }: UnhashedBlock, body: Uint8Array, bodyHash: string): Block | null {
  return header.bodyHash === bodyHash ? { hash, header, body: detached(body) } : null;
}

/** Returns the bytes under which a block is stored. */
export function encodeStoredBlock(block: Block): Uint8Array {
  return storedBlock.encode(toBlockBytes(block));
}

/** Returns the block that a store holds, or null when the bytes are damaged: header and body bear their hashes. */
export function decodeStoredBlock(clusterId: string, bytes: Uint8Array): Block | null {
  const parts = decodeWhole(storedBlock, plainBytes(bytes));
  return parts === null ? null : fromBlockBytes(clusterId, parts);
}
