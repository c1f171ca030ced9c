/**
 * Entries of commands and replies, laid by hand for speed: sequence (8), length (4), bytes.
 * A sequence is 1 .. NUMBER_MAX. Callers walk a DataView by offset, so that nothing is made but what is kept.
 */
import { asSequence, NUMBER_MAX, type Sequence } from '../protocol/numbers.js';

export const ENTRY_HEADER_BYTES = 12;

const WORD = 2 ** 32;
const SEQUENCE_HIGH_MAX = Math.floor(NUMBER_MAX / WORD);

/** Writes one entry at `offset` and returns where the next one starts. */
export function writeEntry(view: DataView, offset: number, sequence: Sequence, bytes: Uint8Array): number {
  view.setUint32(offset, Math.floor(sequence / WORD));
  view.setUint32(offset + 4, sequence % WORD);
  view.setUint32(offset + 8, bytes.length);
  const start = offset + ENTRY_HEADER_BYTES;
  new Uint8Array(view.buffer, view.byteOffset + start, bytes.length).set(bytes);
  return start + bytes.length;
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
