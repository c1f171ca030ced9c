import { sha256 as reference } from '@noble/hashes/sha2.js';
import test from 'ava';
import fc from 'fast-check';
import {
  bytesToHex,
  concatBytes,
  equalBytes,
  hexToBytes,
  sha256,
  sha256Hex,
  sha256HexInSteps,
  sha256HexOf,
  writeHex,
} from '../../src/crypto/hash.js';

test('SHA-256 is that of @noble/hashes, as bytes and as hex, for plain arrays, Buffers and views', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 20 }), (bytes, offset) => {
      const expected = reference(bytes);
      t.deepEqual(sha256(bytes), expected);
      t.is(sha256Hex(bytes), Buffer.from(expected).toString('hex'));
      t.is(sha256Hex(Buffer.from(bytes)), sha256Hex(bytes));
      const frame = new Uint8Array(bytes.length + offset);
      frame.set(bytes, offset);
      t.is(sha256Hex(frame.subarray(offset)), sha256Hex(bytes));
    }),
    { numRuns: 100 },
  );
  t.is(sha256(new Uint8Array(0)).constructor, Uint8Array);
  const large = new Uint8Array(100_000).fill(7);
  t.deepEqual(sha256(large), reference(large));
});

test('the hash of parts is that of the parts joined, however long they are', (t) => {
  for (const lengths of [[], [0], [1, 0, 64], [2048, 2048], [2048, 2049], [65, 9000]]) {
    const parts = lengths.map((length, index) => new Uint8Array(length).fill(index + 1));
    t.is(sha256HexOf(...parts), sha256Hex(concatBytes(...parts)), lengths.join());
  }
});

test('bytes and hex digits turn into each other, in either case of the digits', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const hex = bytesToHex(bytes);
      t.is(hex, Buffer.from(bytes).toString('hex'));
      t.deepEqual(hexToBytes(hex), bytes);
      t.deepEqual(hexToBytes(hex.toUpperCase()), bytes);
    }),
    { numRuns: 200 },
  );
});

test('text that is not pairs of hex digits, or does not fit, is a bug of the caller', (t) => {
  for (const text of ['0', 'abc', '0g', 'g0', ' 1', '0x', '00é0', '0/', '0:', '@0', '`0']) {
    t.throws(() => hexToBytes(text), { name: 'InvariantViolation' }, text);
  }
  t.throws(() => writeHex('0000', new Uint8Array(2), 1), { name: 'InvariantViolation' });
  const target = new Uint8Array(3);
  writeHex('0aFf', target, 1);
  t.deepEqual(target, Uint8Array.of(0, 0x0a, 0xff));
});

test('parts are joined in order, and arrays are equal when their bytes are', (t) => {
  t.deepEqual(concatBytes(), new Uint8Array(0));
  t.deepEqual(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)), Uint8Array.of(1, 2, 3));
  t.true(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
  t.false(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
  t.false(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0)));
});

test('hashing in steps gives the same hash, and rests between two steps alone', async (t) => {
  const step = 256 * 1024;
  for (const [length, rests] of [
    [0, 0],
    [1, 0],
    [step, 0],
    [step + 1, 1],
    [3 * step, 2],
  ] as const) {
    let rested = 0;
    const bytes = new Uint8Array(length).fill(length % 251);
    const hashed = await sha256HexInSteps(bytes, async () => {
      rested += 1;
    });
    t.is(hashed, sha256Hex(bytes));
    t.is(rested, rests);
  }
});
