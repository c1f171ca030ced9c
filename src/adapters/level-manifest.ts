/** Which tables a database of LevelDB has: its MANIFEST, a log of the tables that came and went. */
import { ByteReader } from './byte-reader.js';
import { maskedCrc32c } from './crc32c.js';

/** A log is cut into blocks; a record that crosses their borders stands there in pieces. */
const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;
const FULL = 1;
const FIRST = 2;
const LAST = 4;

/**
 * The records of a log, up to the first that is cut off or damaged: LevelDB itself refuses a MANIFEST for damage.
 * Source: LevelDB, doc/log_format.
 */
function* recordsOf(log: Buffer): Generator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  for (let at = 0; at + HEADER_BYTES <= log.length; ) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (left < HEADER_BYTES) {
      at += left;
      continue;
    }
    const end = at + HEADER_BYTES + log.readUInt16LE(at + 4);
    const type = log.readUInt8(at + 6);
    if (end > log.length || log.readUInt32LE(at) !== maskedCrc32c(log, at + 6, end)) return;
    if (type === FULL || type === FIRST) pieces = [];
    pieces.push(log.subarray(at + HEADER_BYTES, end));
    if (type === FULL || type === LAST) yield Buffer.concat(pieces);
    at = end;
  }
}

/** Returns the numbers of the tables that are in use, and their bytes, as far as the MANIFEST can be read. */
export function tablesOf(manifest: Buffer): ReadonlyMap<number, number> {
  const tables = new Map<number, number>();
  for (const record of recordsOf(manifest)) {
    const reader = new ByteReader(record);
    while (!reader.done) readField(reader, tables);
    if (reader.bad) break;
  }
  return tables;
}

/** One field of a record. Source: LevelDB, db/version_edit.cc. */
function readField(reader: ByteReader, tables: Map<number, number>): void {
  switch (reader.varint()) {
    case 1: // comparator
      return reader.skipString();
    case 2: // log number
    case 3: // next file number
    case 4: // last sequence
    case 9: // previous log number
      reader.varint();
      return;
    case 5: // where the next compaction of a level begins
      reader.varint();
      return reader.skipString();
    case 6: // a table that went: level and number
      reader.varint();
      tables.delete(reader.varint());
      return;
    case 7: {
      // a table that came: level, number, bytes, first and last key
      reader.varint();
      const number = reader.varint();
      tables.set(number, reader.varint());
      reader.skipString();
      return reader.skipString();
    }
    default:
      reader.bad = true;
  }
}
