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
 * alone; asking for it hashes only what changed since it was last asked for: 16 digests a node.
 */
export class MerkleArray {
  readonly #levels: readonly Level[];

  constructor(size: number) {
    invariant(size > 0, 'a Merkle array has a place');
    const levels: Level[] = [];
    for (let count = size; ; count = Math.ceil(count / FANOUT)) {
      levels.push({ digests: new Uint8Array(count * DIGEST_BYTES), changed: new Set() });
      if (count === 1) break;
    }
    this.#levels = levels;
    for (let index = 0; index < size; index += FANOUT) levels[0]?.changed.add(index);
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
