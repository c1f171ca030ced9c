import { sha256 } from '../../src/crypto/hash.js';
import { invariant } from '../../src/errors.js';

const DIGEST_BYTES = 32;
const FANOUT = 16;

interface Level {
  readonly digests: Uint8Array;
  readonly changed: Set<number>;
}

/**
 * A Merkle tree of fixed shape over `size` digests of 32 bytes, zeros at first. The root is a function of the digests
 * alone; asking for it hashes only what was set since it was last asked for: 16 digests a node.
 */
export class MerkleArray {
  readonly #levels: readonly Level[];

  constructor(size: number) {
    invariant(size > 0, 'a Merkle array has a place');
    const levels: Level[] = [{ digests: new Uint8Array(size * DIGEST_BYTES), changed: new Set() }];
    let blank: Uint8Array = new Uint8Array(DIGEST_BYTES);
    for (let count = size; count > 1; ) {
      count = Math.ceil(count / FANOUT);
      blank = sha256(repeated(blank, FANOUT));
      levels.push({ digests: repeated(blank, count), changed: new Set() });
    }
    this.#levels = levels;
    // A node above zeros alone is known, but for the last of each level, which may have fewer children.
    levels[0]?.changed.add(size - 1);
  }

  set(index: number, digest: Uint8Array): void {
    const leaves = this.#levels[0] as Level;
    invariant(digest.length === DIGEST_BYTES, 'a digest has 32 bytes');
    invariant((index + 1) * DIGEST_BYTES <= leaves.digests.length, 'a digest has its place in the array');
    leaves.digests.set(digest, index * DIGEST_BYTES);
    leaves.changed.add(index);
  }

  root(): Uint8Array {
    for (let depth = 0; depth + 1 < this.#levels.length; depth += 1) {
      this.#hashInto(this.#levels[depth + 1] as Level, this.#levels[depth] as Level);
    }
    return (this.#levels.at(-1) as Level).digests.slice();
  }

  #hashInto(parents: Level, children: Level): void {
    for (const index of children.changed) parents.changed.add(Math.floor(index / FANOUT));
    children.changed.clear();
    for (const index of parents.changed) {
      const first = index * FANOUT * DIGEST_BYTES;
      parents.digests.set(
        sha256(children.digests.subarray(first, first + FANOUT * DIGEST_BYTES)),
        index * DIGEST_BYTES,
      );
    }
  }
}

function repeated(digest: Uint8Array, times: number): Uint8Array {
  const digests = new Uint8Array(times * DIGEST_BYTES);
  digests.set(digest);
  for (let filled = DIGEST_BYTES; filled < digests.length; filled *= 2) digests.copyWithin(filled, 0, filled);
  return digests;
}
