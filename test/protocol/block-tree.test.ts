import test from 'ava';
import fc from 'fast-check';
import { InvariantViolation } from '../../src/errors.js';
import { BlockTree, type InsertResult } from '../../src/protocol/block-tree.js';
import { asBlockHash, asHeight, asView, type BlockHash } from '../../src/protocol/numbers.js';
import type { Block, BlockHeader } from '../../src/protocol/types.js';
import { chainOf, childOf, GENESIS, genesisBlock, qcOf } from './builders.js';

const roomy = { blocksMax: 1_000_000, bodyBytesMax: 1_000_000 };
const [one, two, four] = chainOf([1, 2, 4]) as [Block, Block, Block];
const unknown = asBlockHash('unknown');

function treeOf(...blocks: readonly Block[]): BlockTree {
  const tree = new BlockTree(genesisBlock(), roomy);
  for (const block of blocks) tree.insert(block);
  return tree;
}

function changed(block: Block, header: Partial<BlockHeader>): Block {
  return { ...block, hash: asBlockHash('changed'), header: { ...block.header, ...header } };
}

test('a block goes in after its parent, once', (t) => {
  const tree = treeOf();
  t.is(tree.insert(two), 'orphan');
  t.is(tree.insert(one), 'inserted');
  t.is(tree.insert(two), 'inserted');
  t.is(tree.insert(two), 'known');
  t.is(tree.insert(genesisBlock()), 'known');
  t.is(tree.get(two.hash), two);
  t.is(tree.get(unknown), undefined);
  t.true(tree.has(GENESIS));
  t.false(tree.has(unknown));
  t.is(tree.size, 2);
});

test('height, view and justify must fit the parent', (t) => {
  const tree = treeOf(one, two);
  const cases: readonly [Partial<BlockHeader>, InsertResult][] = [
    [{}, 'inserted'],
    [{ height: asHeight(2) }, 'notAChild'],
    [{ height: asHeight(4) }, 'notAChild'],
    [{ view: asView(3) }, 'inserted'],
    [{ view: asView(2) }, 'notAChild'],
    [{ view: asView(1) }, 'notAChild'],
    [{ justify: qcOf(one) }, 'notAChild'],
    [{ justify: { ...qcOf(two), block: unknown } }, 'notAChild'],
    [{ justify: { ...qcOf(two), view: asView(3) } }, 'notAChild'],
    [{ justify: { ...qcOf(two), view: asView(1) } }, 'notAChild'],
  ];
  for (const [change, result] of cases) {
    t.is(treeOf(one, two).insert(changed(four, change)), result, JSON.stringify(change));
  }
  t.is(tree.size, 2);
});

test('what is not above the committed view is refused, whatever it extends', (t) => {
  const tree = treeOf(one, two);
  tree.commit(two.hash);
  t.is(tree.insert(childOf(genesisBlock(), 2, 'rival 2')), 'belowCommitted');
  t.is(tree.insert(one), 'belowCommitted');
  t.is(tree.insert(childOf(genesisBlock(), 3, 'rival 3')), 'orphan');
  t.is(tree.insert(childOf(two, 3)), 'inserted');
});

test('a tree holds no more blocks and bytes than its bounds say', (t) => {
  const byCount = new BlockTree(genesisBlock(), { blocksMax: 2, bodyBytesMax: 100 });
  t.is(byCount.insert(one), 'inserted');
  t.is(byCount.insert(two), 'inserted');
  t.is(byCount.insert(four), 'full');
  byCount.commit(one.hash);
  t.is(byCount.insert(four), 'inserted', 'a commit makes room');

  const byBytes = new BlockTree(genesisBlock(), { blocksMax: 9, bodyBytesMax: 100 });
  t.is(byBytes.insert(childOf(genesisBlock(), 1, 'a', 60)), 'inserted');
  t.is(byBytes.insert(childOf(genesisBlock(), 2, 'b', 41)), 'full');
  t.is(byBytes.insert(childOf(genesisBlock(), 2, 'b', 40)), 'inserted');
  t.is(byBytes.bodyBytes, 100);
  t.is(byBytes.insert(childOf(genesisBlock(), 3, 'c', 1)), 'full');
  t.is(byBytes.insert(childOf(genesisBlock(), 3, 'c', 0)), 'inserted');
  byBytes.commit(asBlockHash('a'));
  t.is(byBytes.bodyBytes, 0);
});

test('a block extends its ancestors and itself, not a block of another branch, however low', (t) => {
  const side = childOf(childOf(one, 3, 'side 3'), 5, 'side 5');
  const tree = treeOf(one, two, four, childOf(one, 3, 'side 3'), side);
  t.true(tree.extends(four.hash, four.hash));
  t.true(tree.extends(four.hash, one.hash));
  t.true(tree.extends(side.hash, GENESIS));
  t.false(tree.extends(side.hash, two.hash));
  t.false(tree.extends(one.hash, four.hash));
  t.false(tree.extends(unknown, GENESIS));
  t.false(tree.extends(four.hash, unknown));
});

test('a branch is told from just above the committed block', (t) => {
  const tree = treeOf(one, two, four);
  t.deepEqual(tree.branch(four.hash), [one, two, four]);
  t.deepEqual(tree.branch(GENESIS), []);
  t.is(tree.branch(unknown), null);
  tree.commit(one.hash);
  t.deepEqual(tree.branch(four.hash), [two, four]);
  t.deepEqual(tree.branch(one.hash), []);
  t.is(tree.branch(GENESIS), null, 'below the committed block');
});

test('a commit tells each block once, in order, and drops what conflicts', (t) => {
  const rival = childOf(one, 3, 'rival 3');
  const heir = childOf(rival, 6, 'heir 6');
  const tree = treeOf(one, two, rival, four, heir);
  t.deepEqual(tree.commit(two.hash), { committed: [one, two], abandoned: [rival.hash, heir.hash] });
  t.is(tree.committed, two);
  t.deepEqual(tree.commit(two.hash), { committed: [], abandoned: [] });
  t.deepEqual(tree.commit(four.hash), { committed: [four], abandoned: [] });
  t.is(tree.size, 0);
});

test('committing what is not held or conflicts is a bug of this code', (t) => {
  const tree = treeOf(one, two, childOf(genesisBlock(), 3, 'rival 3'));
  tree.commit(one.hash);
  for (const hash of [unknown, GENESIS, asBlockHash('rival 3')]) {
    t.throws(() => tree.commit(hash), { instanceOf: InvariantViolation });
  }
});

test('a branch of 100,000 blocks neither overflows the stack nor takes long', (t) => {
  const tree = new BlockTree(genesisBlock(), roomy);
  let tip = genesisBlock();
  for (let view = 1; view <= 100_000; view += 1) {
    tip = childOf(tip, view);
    tree.insert(tip);
  }
  t.true(tree.extends(tip.hash, GENESIS));
  t.is(tree.commit(tip.hash).committed.length, 100_000);
});

/** The same tree kept as a list, every question answered by walking parents. */
class NaiveTree {
  committed: BlockHash = GENESIS;
  readonly parents = new Map<BlockHash, BlockHash>();

  ancestry(hash: BlockHash): readonly BlockHash[] {
    const parent = this.parents.get(hash);
    return parent === undefined ? [hash] : [hash, ...this.ancestry(parent)];
  }

  alive(hash: BlockHash): boolean {
    return this.ancestry(hash).includes(this.committed);
  }
}

test('after any inserts and commits the tree answers as a naive one does', (t) => {
  const step = fc.record({
    commit: fc.nat(5).map((n) => n === 0),
    pick: fc.nat(50),
    gap: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const tree = new BlockTree(genesisBlock(), roomy);
      const naive = new NaiveTree();
      const made = [genesisBlock()];
      for (const { commit, pick, gap } of steps) {
        const chosen = made[pick % made.length] as Block;
        if (commit) {
          if (!naive.alive(chosen.hash)) continue;
          const wasAlive = made.filter(({ hash }) => naive.alive(hash)).map(({ hash }) => hash);
          const path = naive.ancestry(chosen.hash);
          const expected = path.slice(0, path.indexOf(naive.committed)).reverse();
          const { committed, abandoned } = tree.commit(chosen.hash);
          naive.committed = chosen.hash;
          const gone = wasAlive.filter((hash) => !naive.alive(hash) && !path.includes(hash));
          t.deepEqual(
            committed.map(({ hash }) => hash),
            expected,
          );
          t.deepEqual([...abandoned].sort(), gone.sort());
        } else {
          const block = childOf(chosen, chosen.header.view + gap, `block ${made.length}`);
          const inserted = tree.insert(block) === 'inserted';
          t.is(inserted, naive.alive(chosen.hash));
          if (!inserted) continue;
          made.push(block);
          naive.parents.set(block.hash, chosen.hash);
        }
        const alive = made.filter(({ hash }) => naive.alive(hash));
        t.is(tree.size, alive.length - 1);
        for (const a of made) {
          t.is(tree.has(a.hash), naive.alive(a.hash));
          for (const b of alive) {
            if (naive.alive(a.hash)) t.is(tree.extends(a.hash, b.hash), naive.ancestry(a.hash).includes(b.hash));
          }
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('retain keeps the named branches and frees the room of all else', (t) => {
  const genesis = genesisBlock();
  const tree = new BlockTree(genesis, { blocksMax: 3, bodyBytesMax: 100 });
  const kept = childOf(genesis, 1, 'kept');
  const onTop = childOf(kept, 2, 'on top');
  const stray = childOf(genesis, 3, 'stray');
  for (const block of [kept, onTop, stray]) t.is(tree.insert(block), 'inserted');
  t.is(tree.insert(childOf(onTop, 4, 'next')), 'full');
  t.deepEqual(tree.retain([onTop.hash]), [stray.hash]);
  t.true(tree.has(kept.hash) && tree.has(onTop.hash) && !tree.has(stray.hash));
  t.is(tree.bodyBytes, kept.body.length + onTop.body.length);
  t.is(tree.insert(childOf(onTop, 4, 'next')), 'inserted');
  t.deepEqual(tree.retain([onTop.hash]).length, 1);
});
