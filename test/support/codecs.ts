/** What must hold of every codec, whatever bytes it is given. */
import type { ExecutionContext } from 'ava';
import { equalBytes } from '../../src/crypto/hash.js';

/** A codec as tests see it: `decode` answers null for what it refuses. */
export interface TestedCodec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T | null;
}

/** Asserts that `bytes` are refused or are exactly what their value encodes to: no value has two encodings. */
export function assertCanonical<T>(t: ExecutionContext, codec: TestedCodec<T>, bytes: Uint8Array): void {
  const value = codec.decode(bytes);
  // ava's own comparison takes a thousand times as long: it is left to say what differs.
  if (value !== null && !equalBytes(codec.encode(value), bytes)) t.deepEqual(codec.encode(value), bytes);
}

/** Asserts that a value comes back whole, and that every prefix, longer form and bit flip is refused or canonical. */
export function assertRobust<T>(t: ExecutionContext, codec: TestedCodec<T>, value: T): void {
  const bytes = codec.encode(value);
  t.deepEqual(codec.decode(bytes), value);
  for (let length = 0; length < bytes.length; length++) assertCanonical(t, codec, bytes.slice(0, length));
  for (const byte of [0, 1, 255]) assertCanonical(t, codec, Uint8Array.of(...bytes, byte));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    assertCanonical(t, codec, flipped);
  }
}

/** Replaces bytes at an offset, in a copy. */
export function patched(bytes: Uint8Array, offset: number, ...values: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, offset);
  return copy;
}
