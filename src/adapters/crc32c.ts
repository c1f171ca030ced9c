/** CRC-32C (Castagnoli), as LevelDB has it behind its blocks and records. Source: RFC 3720, appendix B.4. */

const POLYNOMIAL = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;
/** Bytes that are looked up at a time: one after the other costs three times as much. */
const SLICES = 8;
const TABLES = makeTables();

/** Eight tables of 256 entries in one. */
function makeTables(): Int32Array {
  const tables = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let entry = 256; entry < tables.length; entry += 1) {
    const before = tables[entry - 256] as number;
    tables[entry] = (before >>> 8) ^ (tables[before & 255] as number);
  }
  return tables;
}

/** Returns the checksum of `bytes` from `from` up to `to`, as an unsigned number. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const t = TABLES;
  const at = (index: number): number => bytes[index] as number;
  let crc = -1;
  let index = from;
  for (; index + SLICES <= to; index += SLICES) {
    const low = crc ^ (at(index) | (at(index + 1) << 8) | (at(index + 2) << 16) | (at(index + 3) << 24));
    crc =
      (t[1792 + (low & 255)] as number) ^
      (t[1536 + ((low >>> 8) & 255)] as number) ^
      (t[1280 + ((low >>> 16) & 255)] as number) ^
      (t[1024 + (low >>> 24)] as number) ^
      (t[768 + at(index + 4)] as number) ^
      (t[512 + at(index + 5)] as number) ^
      (t[256 + at(index + 6)] as number) ^
      (t[at(index + 7)] as number);
  }
  for (; index < to; index += 1) crc = (crc >>> 8) ^ (t[(crc ^ at(index)) & 255] as number);
  return ~crc >>> 0;
}

/** Returns the checksum as LevelDB stores it: rotated and moved, since what it covers may hold checksums itself. */
export function maskedCrc32c(bytes: Uint8Array, from: number, to: number): number {
  const crc = crc32c(bytes, from, to);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
