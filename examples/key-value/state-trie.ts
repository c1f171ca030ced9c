import { DIGEST_LENGTH, type Digest, type HashFunction, sha256 } from './digest.js';

const FANOUT = 16;
/** What is hashed of a branch: this tag, then the digest of each child, zeros where there is none. */
const BRANCH_TAG = 1;
const BRANCH_BYTES = 1 + FANOUT * DIGEST_LENGTH;
/** Stands for no child, and is the root of a trie without entries. */
const NOTHING: Digest = '\0'.repeat(DIGEST_LENGTH);

interface Leaf {
  /** The hash of the key: the way from the root, four bits a step. */
  readonly path: Digest;
  readonly digest: Digest;
}

interface Branch {
  readonly children: (Node | undefined)[];
  size: number;
  /** The children's digests side by side, so that hashing a branch touches no child that has not changed. */
  readonly bytes: Buffer;
  /** A bit for each child whose digest in `bytes` is of an earlier state. */
  stale: number;
  /** Of `bytes` when nothing is stale. */
  digest: Digest;
}

type Node = Leaf | Branch;

/**
 * A Merkle trie of fan-out 16 over the hashes of keys. A leaf stands at the first step that no other key shares, so that
 * the root is a function of the entries alone, whatever order they came and went in. Changes only mark branches; asking
 * for the root hashes the marked ones.
 */
export class StateTrie {
  readonly #hash: HashFunction;
  #root: Node | undefined;

  constructor(hash: HashFunction = sha256) {
    this.#hash = hash;
  }

  /** Puts `digest` at `path`: the hash of the entry, its key included, at that of the key. */
  set(path: Digest, digest: Digest): void {
    this.#root = withLeaf(this.#root, { path, digest }, 0);
  }

  /** Takes away what stands at `path`, if anything does. */
  delete(path: Digest): void {
    this.#root = withoutLeaf(this.#root, path, 0);
  }

  root(): Digest {
    return this.#digestOf(this.#root);
  }

  /** Hashes what {@link root} would, resting after about `hashes` of them each time; nothing may change meanwhile. */
  *settleInSlices(hashes: number): Generator<undefined, void> {
    let left = hashes;
    for (const branch of staleBranches(this.#root)) {
      this.#digestOf(branch);
      left -= 1;
      if (left > 0) continue;
      yield;
      left = hashes;
    }
  }

  #digestOf(node: Node | undefined): Digest {
    if (node === undefined) return NOTHING;
    if (isLeaf(node) || node.stale === 0) return node.digest;
    for (let step = 0; step < FANOUT; step += 1) {
      if ((node.stale & (1 << step)) === 0) continue;
      node.bytes.write(this.#digestOf(node.children[step]), 1 + step * DIGEST_LENGTH, 'latin1');
    }
    node.stale = 0;
    node.digest = this.#hash(node.bytes);
    return node.digest;
  }
}

/** Every branch with something stale below it, children before their parents. */
function* staleBranches(node: Node | undefined): Generator<Branch, void> {
  if (node === undefined || isLeaf(node) || node.stale === 0) return;
  for (let step = 0; step < FANOUT; step += 1) {
    if ((node.stale & (1 << step)) !== 0) yield* staleBranches(node.children[step]);
  }
  yield node;
}

function withLeaf(node: Node | undefined, leaf: Leaf, depth: number): Node {
  if (node === undefined || (isLeaf(node) && node.path === leaf.path)) return leaf;
  const branch = isLeaf(node) ? branchOver(node, depth) : node;
  const step = stepAt(leaf.path, depth);
  const child = branch.children[step];
  if (child === undefined) branch.size += 1;
  branch.children[step] = withLeaf(child, leaf, depth + 1);
  branch.stale |= 1 << step;
  return branch;
}

function withoutLeaf(node: Node | undefined, path: Digest, depth: number): Node | undefined {
  if (node === undefined || isLeaf(node)) return node?.path === path ? undefined : node;
  const step = stepAt(path, depth);
  const child = withoutLeaf(node.children[step], path, depth + 1);
  if (child === undefined && node.children[step] !== undefined) node.size -= 1;
  node.children[step] = child;
  node.stale |= 1 << step;
  return node.size === 1 ? onlyLeafOf(node) : node;
}

function branchOver(leaf: Leaf, depth: number): Branch {
  const children = new Array<Node | undefined>(FANOUT).fill(undefined);
  const step = stepAt(leaf.path, depth);
  children[step] = leaf;
  const bytes = Buffer.allocUnsafe(BRANCH_BYTES).fill(0);
  bytes.writeUInt8(BRANCH_TAG, 0);
  return { children, size: 1, bytes, stale: 1 << step, digest: NOTHING };
}

/** A branch above a single leaf is none; above a single branch it stays, since two keys at least share the way there. */
function onlyLeafOf(branch: Branch): Node {
  const child = branch.children.find((candidate) => candidate !== undefined);
  return child !== undefined && isLeaf(child) ? child : branch;
}

function isLeaf(node: Node): node is Leaf {
  return 'path' in node;
}

/** Four bits of a path. */
function stepAt(path: Digest, depth: number): number {
  const byte = path.charCodeAt(depth >> 1);
  return depth % 2 === 0 ? byte >> 4 : byte & 15;
}
