import test from 'ava';
import fc from 'fast-check';
import { MerkleArray } from '../../../actors/proposal-generator/merkle-array.js';
import { concatBytes, sha256 } from '../../../src/crypto/hash.js';

function naiveRoot(digests: readonly Uint8Array[]): Uint8Array {
  if (digests.length === 1) return digests[0] as Uint8Array;
  const parents: Uint8Array[] = [];
  for (let first = 0; first < digests.length; first += 16)
    parents.push(sha256(concatBytes(...digests.slice(first, first + 16))));
  return naiveRoot(parents);
}

test('the root is that of a tree made anew, whatever changed since it was last asked for', (t) => {
  const change = fc.record({ index: fc.nat(), value: fc.integer({ min: 0, max: 255 }), asked: fc.boolean() });
  for (const size of [1, 2, 16, 17, 256, 257, 300]) {
    const check = (changes: readonly { index: number; value: number; asked: boolean }[]) => {
      const tree = new MerkleArray(size);
      const digests = Array.from({ length: size }, () => new Uint8Array(32));
      for (const { index, value, asked } of changes) {
        const digest = new Uint8Array(32).fill(value);
        tree.set(index % size, digest);
        digests[index % size] = digest;
        if (asked) tree.root();
      }
      t.deepEqual(tree.root(), naiveRoot(digests));
    };
    fc.assert(fc.property(fc.array(change, { maxLength: 8 }), check), { numRuns: 20 });
  }
});

test('a digest outside the array, or of another length, is a bug', (t) => {
  const tree = new MerkleArray(16);
  t.notThrows(() => tree.set(15, new Uint8Array(32)));
  t.throws(() => tree.set(16, new Uint8Array(32)), { name: 'InvariantViolation' });
  t.throws(() => tree.set(0, new Uint8Array(31)), { name: 'InvariantViolation' });
});
