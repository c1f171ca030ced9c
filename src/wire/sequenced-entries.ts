/**
 * Entries of commands and replies, laid by hand for speed: sequence (8), length (4), bytes.
 * A sequence is 1 .. NUMBER_MAX. Callers walk a DataView by offset, so that nothing is made but what is kept.
 */
import { asSequence, NUMBER_MAX, type Sequence } from '../protocol/numbers.js';

/** Bytes of an entry before its content: sequence and length. */
export const ENTRY_HEADER_BYTES = 12;

const WORD = 2 ** 32;
const SEQUENCE_HIGH_MAX = Math.floor(NUMBER_MAX / WORD);

/** Entries up to so many bytes are copied byte by byte: 40 ns where `set` takes 90. Most replies are as short. */
const SHORT_BYTES = 16;

/** Bytes to write, and the same bytes as a view: both are made once for all entries. */
export interface EntryTarget {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Makes the target that {@link writeEntry} writes into. */
export function entryTarget(bytes: Uint8Array): EntryTarget {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** Writes one entry at `offset` and returns where the next one starts. */
export function writeEntry(target: EntryTarget, offset: number, sequence: Sequence, content: Uint8Array): number {
  const { bytes, view } = target;
  view.setUint32(offset, Math.floor(sequence / WORD));
  view.setUint32(offset + 4, sequence % WORD);
  view.setUint32(offset + 8, content.length);
  const start = offset + ENTRY_HEADER_BYTES;
  if (content.length > SHORT_BYTES) bytes.set(content, start);
  else for (let index = 0; index < content.length; index += 1) bytes[start + index] = content[index] as number;
  return start + content.length;
}

/** Returns where the entry that starts at `offset` ends, or 0 when it is cut short or its sequence is out of range. */
export function entryEnd(view: DataView, offset: number): number {
  const start = offset + ENTRY_HEADER_BYTES;
  if (start > view.byteLength) return 0;
  const high = view.getUint32(offset);
  const low = view.getUint32(offset + 4);
  if (high > SEQUENCE_HIGH_MAX || high * WORD + low > NUMBER_MAX || (high | low) === 0) return 0;
  const end = start + view.getUint32(offset + 8);
  return end > view.byteLength ? 0 : end;
}

/** Returns the sequence of the entry at `offset`, which {@link entryEnd} has found good. */
export function readSequence(view: DataView, offset: number): Sequence {
  return asSequence(view.getUint32(offset) * WORD + view.getUint32(offset + 4));
}
