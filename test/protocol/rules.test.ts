import test from 'ava';
import { asBlockHash, asTenure, asView, type BlockHash } from '../../src/protocol/numbers.js';
import { commitRule } from '../../src/protocol/rules/index.js';
import type { CommitRule, ProposalFacts } from '../../src/protocol/rules/rule.js';
import type { Block } from '../../src/protocol/types.js';
import { chainOf, childOf, GENESIS, genesisBlock, genesisQc, qcOf } from './builders.js';

const three = commitRule('three-chain');
const two = commitRule('two-chain');
const lock = { view: asView(5), block: asBlockHash('block 5') };

function facts(change: Partial<ProposalFacts>): ProposalFacts {
  return {
    view: asView(10),
    justifyView: asView(9),
    tc: null,
    tcEntersView: false,
    extendsLock: true,
    ...change,
  };
}

function tcNaming(highQcView: number): Partial<ProposalFacts> {
  return { tc: { tenure: asTenure(9), highQcView: asView(highQcView) }, tcEntersView: true };
}

/** What the certificate for the last block of the chain commits; genesis and all blocks of the chain are held. */
function committedAtEnd(
  rule: CommitRule,
  chain: readonly Block[],
  held = [genesisBlock(), ...chain],
): BlockHash | null {
  const last = chain.at(-1) ?? genesisBlock();
  return rule.committedBy(qcOf(last), (hash) => held.find((block) => block.hash === hash)?.header);
}

test('the rules are chosen by name', (t) => {
  t.is(three.name, 'three-chain');
  t.is(two.name, 'two-chain');
  t.is(three.consecutiveViews, 3);
  t.is(two.consecutiveViews, 2);
  t.false(three.voteNeedsBody);
  t.true(two.voteNeedsBody);
});

test('three-chain votes for what extends the lock or has a justify above it', (t) => {
  for (const [extendsLock, justifyView, refusal] of [
    [true, 0, null],
    [true, 5, null],
    [true, 6, null],
    [false, 4, 'conflictsWithLock'],
    [false, 5, 'conflictsWithLock'],
    [false, 6, null],
  ] as const) {
    const proposal = facts({ extendsLock, justifyView: asView(justifyView) });
    t.is(three.voteRefusal({ lock }, proposal), refusal, `extends: ${extendsLock}, justify in view ${justifyView}`);
  }
});

test('two-chain votes right after the justify, or when no TC signer names a higher QC', (t) => {
  t.is(two.voteRefusal({ lock }, facts({})), null);
  t.is(two.voteRefusal({ lock }, facts({ justifyView: asView(8) })), 'justifyBelowTc');
  t.is(two.voteRefusal({ lock }, facts({ justifyView: asView(7), ...tcNaming(6) })), null);
  t.is(two.voteRefusal({ lock }, facts({ justifyView: asView(7), ...tcNaming(7) })), null);
  t.is(two.voteRefusal({ lock }, facts({ justifyView: asView(7), ...tcNaming(8) })), 'justifyBelowTc');
});

test('two-chain does not bind votes by the lock', (t) => {
  const below = facts({ justifyView: asView(3), extendsLock: false, ...tcNaming(3) });
  t.is(two.voteRefusal({ lock }, below), null);
});

test('a certificate locks the parent under three-chain, the block itself under two-chain', (t) => {
  const [, parent, block] = chainOf([2, 4, 7]);
  t.truthy(parent && block);
  if (!parent || !block) return;
  const certified = { view: block.header.view, block: block.hash, header: block.header };
  t.deepEqual(three.lockAfter(certified), { view: asView(4), block: parent.hash });
  t.deepEqual(two.lockAfter(certified), { view: asView(7), block: block.hash });
});

test('the genesis certificate locks genesis', (t) => {
  const certified = { view: asView(0), block: GENESIS, header: genesisBlock().header };
  for (const rule of [three, two]) t.deepEqual(rule.lockAfter(certified), { view: asView(0), block: GENESIS });
});

test('three certified blocks in consecutive views commit the first, with any gap they commit nothing', (t) => {
  for (const [views, committed] of [
    [[1, 2, 3], 'block 1'],
    [[4, 5, 6, 7], 'block 5'],
    [[1, 5, 6, 7], 'block 5'],
    [[1, 2, 4], null],
    [[1, 3, 4], null],
    [[1, 2, 3, 4, 6], null],
    [[3, 5, 7], null],
  ] as const) {
    t.is(committedAtEnd(three, chainOf(views)), committed === null ? null : asBlockHash(committed), String(views));
  }
});

test('two certified blocks in consecutive views commit the first, with a gap they commit nothing', (t) => {
  for (const [views, committed] of [
    [[1, 2], 'block 1'],
    [[1, 4, 5], 'block 4'],
    [[1, 3], null],
    [[1, 2, 4], null],
  ] as const) {
    t.is(committedAtEnd(two, chainOf(views)), committed === null ? null : asBlockHash(committed), String(views));
  }
});

test('the first blocks commit genesis, never what would be below it', (t) => {
  t.is(committedAtEnd(three, []), null);
  t.is(committedAtEnd(three, chainOf([1])), null);
  t.is(committedAtEnd(three, chainOf([1, 2])), GENESIS);
  t.is(committedAtEnd(two, []), null);
  t.is(committedAtEnd(two, chainOf([1])), GENESIS);
  t.is(
    three.committedBy(genesisQc, () => undefined),
    null,
  );
});

test('a certificate commits nothing when a block of its chain is not held', (t) => {
  for (const [rule, views] of [
    [three, [1, 2, 3]],
    [two, [2, 3]],
  ] as const) {
    const chain = chainOf(views);
    for (const missing of chain) {
      const held = chain.filter((block) => block !== missing);
      t.is(committedAtEnd(rule, chain, held), null, `${rule.name} without ${missing.hash}`);
    }
    t.not(committedAtEnd(rule, chain, [...chain]), null, `${rule.name} with all`);
  }
});

test('a certificate of another view than its block has commits nothing', (t) => {
  const chain = chainOf([1, 2]);
  const last = childOf(chain[1] as Block, 3);
  const headerOf = (hash: string) => [...chain, last].find((block) => block.hash === hash)?.header;
  for (const rule of [three, two]) {
    t.not(rule.committedBy(qcOf(last), headerOf), null);
    t.is(rule.committedBy({ ...qcOf(last), view: asView(4) }, headerOf), null);
  }
});

test('a vote waits until the lock (three-chain) or the justify (two-chain) is certified on the disk', (t) => {
  t.is(three.durableHighQcView(facts({}), lock), asView(5));
  t.is(two.durableHighQcView(facts({}), lock), asView(9));
});
