/**
 * The pieces that every schema on micro-packed is made of, and the one place where its errors are caught.
 *
 * All integers are unsigned and big-endian, of fixed width: there is one encoding for each value. Numbers travel as
 * 64 bits and are refused above {@link NUMBER_MAX}; no bigint is made. Replica ids and counts travel as 32 bits.
 */
import * as P from 'micro-packed';
import { bytesToHex, equalBytes, hexToBytes } from '../crypto/hash.js';
import { asReplicaId, type BlockHash, type ClientId, NUMBER_MAX, type ReplicaId } from '../protocol/numbers.js';

/** A coder of micro-packed for values of type T. */
export type Schema<T> = P.CoderType<T>;

/** Of the two 32-bit words that a number travels as. */
export const WORD = 2 ** 32;

/** A branded number, 0 .. NUMBER_MAX, as 8 bytes. */
export function number<T extends number>(): Schema<T> {
  return P.wrap<T>({
    size: 8,
    encodeStream: (writer, value) => {
      if (!Number.isSafeInteger(value) || value < 0 || value > NUMBER_MAX) throw writer.err(`not a number: ${value}`);
      P.U32BE.encodeStream(writer, Math.floor(value / WORD));
      P.U32BE.encodeStream(writer, value % WORD);
    },
    decodeStream: (reader) => {
      const value = P.U32BE.decodeStream(reader) * WORD + P.U32BE.decodeStream(reader);
      if (value > NUMBER_MAX) throw reader.err('number above NUMBER_MAX');
      return value as T;
    },
  });
}

/** So many bytes on the wire, twice as many lower-case hex digits in memory. */
function hexDigits<T extends string>(bytes: number): Schema<T> {
  return P.wrap<T>({
    size: bytes,
    encodeStream: (writer, value) => {
      if (value.length !== bytes * 2) throw writer.err(`not ${bytes * 2} hex digits`);
      writer.bytes(hexToBytes(value));
    },
    decodeStream: (reader) => bytesToHex(reader.bytes(bytes)) as T,
  });
}

/** 32 bytes, as 64 lower-case hex digits: the hash of a body or a state, or the id of a cluster. */
export const hash = hexDigits<string>(32);
/** The hash that names a block: 32 bytes, as 64 lower-case hex digits. */
export const blockHash = hexDigits<BlockHash>(32);
/** The id of a client's session: 16 bytes, as 32 lower-case hex digits. */
export const clientId = hexDigits<ClientId>(16);

/** The index of a replica, as 4 bytes. Whether the cluster has such a replica is for the reader to check. */
export const replicaId: Schema<ReplicaId> = P.apply(P.U32BE, { encode: asReplicaId, decode: Number });

/** 64 bytes, copied out of the frame so that a kept signature does not keep the frame. */
export const signature: Schema<Uint8Array> = P.apply(P.bytes(64), {
  encode: (bytes: Uint8Array) => bytes.slice(),
  decode: (bytes: Uint8Array) => bytes,
});

/** Bytes behind a 32-bit length, as a view into the frame. */
export const sizedBytes: Schema<Uint8Array> = P.bytes(P.U32BE);

/**
 * A list behind a 32-bit count, of at most `max` entries: an entry takes more memory than bytes, and without a bound a
 * frame of the smallest ones would take many times its size. Decoding stops at the first entry that is missing.
 */
export function list<T>(entry: Schema<T>, max: number): Schema<readonly T[]> {
  return P.wrap<readonly T[]>({
    encodeStream: (writer, entries) => {
      if (entries.length > max) throw writer.err(`${entries.length} entries, above ${max}`);
      P.U32BE.encodeStream(writer, entries.length);
      for (const value of entries) entry.encodeStream(writer, value);
    },
    decodeStream: (reader) => {
      const count = P.U32BE.decodeStream(reader);
      if (count > max) throw reader.err('more entries than the bound');
      const entries: T[] = [];
      for (let index = 0; index < count; index++) entries.push(entry.decodeStream(reader));
      return entries;
    },
  });
}

/** A value that may be absent: a byte 0, or a byte 1 and the value. */
export function nullable<T>(inner: Schema<T>): Schema<T | null> {
  return P.wrap<T | null>({
    encodeStream: (writer, value) => {
      writer.byte(value === null ? 0 : 1);
      if (value !== null) inner.encodeStream(writer, value);
    },
    decodeStream: (reader) => {
      const flag = reader.byte();
      if (flag > 1) throw reader.err('flag is neither 0 nor 1');
      return flag === 0 ? null : inner.decodeStream(reader);
    },
  });
}

/** One of a list of names, as a byte: its place in the list, from 0. A new name goes to the end. */
export function oneOf<T extends string>(names: readonly T[]): Schema<T> {
  return P.wrap<T>({
    size: 1,
    encodeStream: (writer, value) => writer.byte(names.indexOf(value)),
    decodeStream: (reader) => {
      const name = names[reader.byte()];
      if (name === undefined) throw reader.err('unknown name');
      return name;
    },
  });
}

/**
 * The fields of `T` in the order in which they are named. micro-packed's own struct keeps a path of names for the texts of
 * its errors, which nobody reads here and which took half of the time.
 */
export function struct<T extends object>(fields: { readonly [K in keyof T]: Schema<T[K]> }): Schema<T> {
  const entries = Object.entries(fields) as [keyof T, Schema<T[keyof T]>][];
  return P.wrap<T>({
    encodeStream: (writer, value) => {
      for (const [name, field] of entries) field.encodeStream(writer, value[name]);
    },
    decodeStream: (reader) => {
      const value: Partial<T> = {};
      for (const [name, field] of entries) value[name] = field.decodeStream(reader);
      return value as T;
    },
  });
}

/**
 * The schema of a whole message: `head`, which says what follows, then `inner`, then the end.
 * micro-packed's own check of the end writes all that is left into its error's text, twice the frame's size in hex.
 */
export function whole<T>(head: Uint8Array, inner: Schema<T>): Schema<T> {
  return P.wrap<T>({
    encodeStream: (writer, value) => {
      writer.bytes(head);
      inner.encodeStream(writer, value);
    },
    decodeStream: (reader) => {
      if (!equalBytes(reader.bytes(head.length), head)) throw reader.err('another kind of message');
      const value = inner.decodeStream(reader);
      if (!reader.isEnd()) throw reader.err('bytes after the end');
      return value;
    },
  });
}

/** No head: the place says what stands there. */
export const NO_HEAD = new Uint8Array(0);

/**
 * Returns what `bytes` encode, or null when they are no encoding of `schema`.
 * Catches the errors by which micro-packed's reader reports bad input, and nothing else: a bug surfaces.
 */
export function decodeWhole<T>(schema: Schema<T>, bytes: Uint8Array): T | null {
  try {
    return schema.decode(bytes, { allowUnreadBytes: true });
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Reader(')) return null;
    throw error;
  }
}

/** Returns `bytes` as a plain Uint8Array over the same memory: views into a Buffer would be Buffers. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Returns `view` itself when it makes up most of the memory that it stands in, else a copy.
 * So what is kept from a frame (a block's body) keeps at most twice its own size alive.
 */
export function detached(view: Uint8Array): Uint8Array {
  return view.length * 2 >= view.buffer.byteLength ? view : view.slice();
}
