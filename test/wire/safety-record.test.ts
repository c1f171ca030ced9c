import test from 'ava';
import fc from 'fast-check';
import { concatBytes, sha256 } from '../../src/crypto/hash.js';
import { decodeSafetyRecord, encodeSafetyRecord } from '../../src/wire/safety-record.js';
import { patched } from '../support/codecs.js';
import { safetyRecord } from '../support/wire-arbitraries.js';

test('a safety record comes back whole', (t) => {
  fc.assert(
    fc.property(safetyRecord, (record) => t.deepEqual(decodeSafetyRecord(encodeSafetyRecord(record)), record)),
    { numRuns: 50 },
  );
});

test('a safety record that was torn, lengthened or flipped in any bit is not taken', (t) => {
  const damage = (bytes: Uint8Array) => decodeSafetyRecord(bytes) !== null;
  fc.assert(
    fc.property(safetyRecord, (record) => {
      const bytes = encodeSafetyRecord(record);
      const taken: string[] = [];
      for (let length = 0; length < bytes.length; length++) {
        if (damage(bytes.slice(0, length))) taken.push(`prefix ${length}`);
      }
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = patched(bytes, bit >> 3, (bytes[bit >> 3] as number) ^ (1 << (bit & 7)));
        if (damage(flipped)) taken.push(`bit ${bit}`);
      }
      if (damage(concatBytes(bytes, Uint8Array.of(0)))) taken.push('longer');
      t.deepEqual(taken, []);
    }),
    { numRuns: 10 },
  );
});

test('a record of another version, or of another program, is not taken even where its checksum fits', (t) => {
  const [record] = fc.sample(safetyRecord, { numRuns: 1, seed: 7 });
  if (record === undefined) return t.fail();
  const content = encodeSafetyRecord(record).slice(0, -8);
  const sealed = (bytes: Uint8Array) => concatBytes(bytes, sha256(bytes).slice(0, 8));
  t.deepEqual(decodeSafetyRecord(sealed(content)), record);
  t.is(decodeSafetyRecord(sealed(patched(content, 4, 2))), null);
  t.is(decodeSafetyRecord(sealed(patched(content, 0, 0))), null);
  t.is(decodeSafetyRecord(sealed(concatBytes(content, Uint8Array.of(0)))), null);
});

test('zeroes, as a file system leaves them, are no record', (t) => {
  for (const length of [0, 1, 8, 13, 512, 4096]) t.is(decodeSafetyRecord(new Uint8Array(length)), null);
});
