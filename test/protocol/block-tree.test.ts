import test from 'ava';
import fc from 'fast-check';
import { InvariantViolation } from '../../src/errors.js';
import { BlockTree, BRANCHES_KEPT, type InsertResult, tipsOf } from '../../src/protocol/block-tree.js';
import { asBlockHash, asHeight, asView, type BlockHash } from '../../src/protocol/numbers.js';
import type { Block, BlockHeader } from '../../src/protocol/types.js';
import { chainOf, childOf, GENESIS, genesisBlock, qcOf } from './builders.js';

const roomy = { tipsMax: 1_000_000, bodyBytesMax: 1_000_000 };
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

test('a tree holds no more tips than its bound says, and however many blocks stand below them', (t) => {
  const tree = new BlockTree(genesisBlock(), { tipsMax: 2, bodyBytesMax: 100 });
  for (const block of chainOf([1, 2, 3, 4, 5])) t.is(tree.insert(block), 'inserted');
  t.is(tree.tips, 1);
  const rival = childOf(one, 6, 'rival 6');
  t.is(tree.insert(rival), 'inserted');
  t.is(tree.tips, 2);
  t.is(tree.insert(childOf(one, 7, 'rival 7')), 'crowded');
  t.is(tree.insert(childOf(genesisBlock(), 7, 'rival 7')), 'crowded');
  t.is(tree.insert(childOf(rival, 7, 'heir 7')), 'inserted', 'in the place of its parent');
  t.is(tree.tips, 2);
  t.is(tree.size, 7);
  tree.commit(two.hash);
  t.is(tree.tips, 1);
  t.is(tree.insert(childOf(two, 7, 'rival 7')), 'inserted', 'a commit makes room');
  tree.commit(chainOf([1, 2, 3, 4, 5]).at(-1)?.hash ?? unknown);
  t.is(tree.tips, 0);
  t.is(tree.sizeMost, 7);
});

test('bodies of one branch have a quarter of the bytes, those of all the whole, and an empty block needs none', (t) => {
  const genesis = genesisBlock();
  const tree = new BlockTree(genesis, { tipsMax: 9, bodyBytesMax: 100 });
  const a = childOf(genesis, 1, 'a', 20);
  t.is(tree.insert(a), 'inserted');
  t.is(tree.insert(childOf(a, 2, 'b', 6)), 'heavy');
  t.is(tree.insert(childOf(a, 2, 'b', 5)), 'inserted');
  t.is(tree.insert(childOf(childOf(a, 2, 'b', 5), 3, 'c', 1)), 'heavy');
  t.is(tree.insert(childOf(childOf(a, 2, 'b', 5), 3, 'c', 0)), 'inserted');
  t.is(tree.insert(childOf(genesis, 4, 'd', 25)), 'inserted');
  t.is(tree.insert(childOf(genesis, 5, 'e', 25)), 'inserted');
  t.is(tree.insert(childOf(genesis, 6, 'f', 25)), 'inserted');
  t.is(tree.bodyBytes, 100);
  t.is(tree.insert(childOf(genesis, 7, 'g', 1)), 'full');
  t.is(tree.insert(childOf(genesis, 7, 'g', 0)), 'inserted');
  tree.commit(a.hash);
  t.is(tree.bodyBytes, 5, 'a commit makes room');
  t.is(tree.insert(childOf(childOf(a, 2, 'b', 5), 8, 'h', 20)), 'inserted');
});

test('what a quorum stands behind goes in beyond the bounds, where it has its place', (t) => {
  const genesis = genesisBlock();
  const tree = new BlockTree(genesis, { tipsMax: 1, bodyBytesMax: 4 });
  const large = childOf(genesis, 1, 'large', 5);
  t.is(tree.insert(large), 'heavy');
  t.is(tree.insertBeyond(large), 'inserted');
  t.is(tree.insertBeyond(large), 'known');
  t.is(tree.insertBeyond(childOf(genesis, 2, 'beside')), 'inserted');
  t.is(tree.insertBeyond(four), 'orphan');
  t.is(tree.insertBeyond(changed(childOf(large, 3), { height: asHeight(7) })), 'notAChild');
  t.is(tree.tips, 2);
  t.is(tree.bodyBytes, 5);
});

test(`where ${BRANCHES_KEPT} branches are kept, a tree for as many tips always has room for one more block`, (t) => {
  const step = fc.record({
    pick: fc.nat(50),
    keep: fc.array(fc.nat(50), { minLength: 3, maxLength: 3 }),
    bytes: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const tree = new BlockTree(genesisBlock(), { tipsMax: BRANCHES_KEPT, bodyBytesMax: BRANCHES_KEPT * 9 });
      for (const [index, { pick, keep, bytes }] of steps.entries()) {
        const held = [genesisBlock(), ...tree.uncommitted];
        const pickOf = (which: number) => held[which % held.length] as Block;
        const parent = pickOf(pick);
        const block = childOf(parent, index + 1, `block ${index}`, bytes);
        let outcome = tree.insert(block);
        if (outcome === 'crowded' || outcome === 'full') {
          tree.retain([parent.hash, ...keep.map((which) => pickOf(which).hash)]);
          outcome = tree.insert(block);
        }
        if (outcome === 'heavy') outcome = tree.insert({ ...block, body: new Uint8Array(0) });
        if (outcome === 'crowded' || outcome === 'full') {
          tree.retain([parent.hash, ...keep.map((which) => pickOf(which).hash)]);
          outcome = tree.insert({ ...block, body: new Uint8Array(0) });
        }
        t.is(outcome, 'inserted');
        t.is(tree.tips, tipsOf(new Map(tree.uncommitted.map((each) => [each.hash, each]))).size);
      }
    }),
    { numRuns: 200 },
  );
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
  const tree = new BlockTree(genesis, { tipsMax: 2, bodyBytesMax: 100 });
  const kept = childOf(genesis, 1, 'kept');
  const onTop = childOf(kept, 2, 'on top');
  const stray = childOf(genesis, 3, 'stray');
  for (const block of [kept, onTop, stray]) t.is(tree.insert(block), 'inserted');
  t.is(tree.insert(childOf(kept, 4, 'next')), 'crowded');
  t.deepEqual(tree.retain([onTop.hash]), [stray.hash]);
  t.true(tree.has(kept.hash) && tree.has(onTop.hash) && !tree.has(stray.hash));
  t.is(tree.bodyBytes, kept.body.length + onTop.body.length);
  t.is(tree.tips, 1);
  t.is(tree.insert(childOf(kept, 4, 'next')), 'inserted');
  t.deepEqual(tree.retain([onTop.hash]).length, 1);
});
