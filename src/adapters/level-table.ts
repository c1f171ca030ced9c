/** Whether a table file of LevelDB is whole. Source: LevelDB, doc/table_format and table/format.cc. */
import { ByteReader } from './byte-reader.js';
import { maskedCrc32c } from './crc32c.js';

const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
/** Behind each block: how it is compressed, and the checksum of both. */
const TRAILER_BYTES = 5;
const UNCOMPRESSED = 0;

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/**
 * Returns where and how `table` is damaged, null when it is whole. LevelDB does not look at these checksums itself where it
 * reads, and ends the process over what it finds. Every byte is looked at but the padding of the footer, which nobody reads.
 */
export function tableDamage(table: Buffer): string | null {
  const footerAt = table.length - FOOTER_BYTES;
  if (footerAt < 0) return `it has ${table.length} bytes, which is no table`;
  if (table.readBigUInt64LE(table.length - 8) !== MAGIC) return 'its footer is not that of a table';
  const footer = new ByteReader(table, footerAt, table.length - 8);
  const metaindex = readHandle(footer);
  const index = readHandle(footer);
  if (footer.bad) return 'its footer cannot be read';
  for (const handle of [metaindex, index]) {
    const damage = blockDamage(table, handle);
    if (damage !== null) return damage;
  }
  const entries: BlockHandle[] = [];
  // Of the data first, then of the filter of keys: the order in which they stand.
  for (const list of [index, metaindex]) {
    if (table[list.offset + list.size] !== UNCOMPRESSED) return 'it is compressed, as this program never writes it';
    const listed = handlesIn(table, list);
    if (listed === null) return 'its index cannot be read';
    entries.push(...listed);
  }
  for (const handle of entries) {
    const damage = blockDamage(table, handle);
    if (damage !== null) return damage;
  }
  return gapIn(table, [...entries, metaindex, index]);
}

function readHandle(reader: ByteReader): BlockHandle {
  return { offset: reader.varint(), size: reader.varint() };
}

function blockDamage(table: Buffer, { offset, size }: BlockHandle): string | null {
  const end = offset + size + 1;
  if (end + 4 > table.length - FOOTER_BYTES) return `a block at ${offset} reaches beyond its end`;
  if (table.readUInt32LE(end) === maskedCrc32c(table, offset, end)) return null;
  return `the block at ${offset} has another checksum than was written`;
}

/** The blocks that an index names; null when it cannot be read. */
function handlesIn(table: Buffer, { offset, size }: BlockHandle): readonly BlockHandle[] | null {
  if (size < 4) return null;
  const restarts = table.readUInt32LE(offset + size - 4);
  const end = offset + size - 4 * (restarts + 1);
  if (end < offset) return null;
  const handles: BlockHandle[] = [];
  const reader = new ByteReader(table, offset, end);
  while (!reader.done) {
    // How much of the key is that of the entry before, how long the rest is, and how long the handle.
    reader.varint();
    const keyBytes = reader.varint();
    reader.varint();
    reader.skip(keyBytes);
    handles.push(readHandle(reader));
  }
  return reader.bad ? null : handles;
}

/** Blocks follow each other from the beginning to the footer: an index that names fewer hides some of them. */
function gapIn(table: Buffer, blocks: readonly BlockHandle[]): string | null {
  let at = 0;
  for (const { offset, size } of blocks) {
    if (offset !== at) return `there is no block at ${at}`;
    at = offset + size + TRAILER_BYTES;
  }
  return at === table.length - FOOTER_BYTES ? null : `there is no block at ${at}`;
}
