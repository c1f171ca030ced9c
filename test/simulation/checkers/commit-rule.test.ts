import test from 'ava';
import { asView } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { CommitRuleChecker } from '../../../src/simulation/checkers/commit-rule.js';
import { SeenBlocks } from '../../../src/simulation/checkers/seen-blocks.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { childOf, GENESIS } from '../../support/chain.js';

type Rule = 'three-chain' | 'two-chain';

/** What the checker says of a replica that commits the first of these blocks after all have been sent. */
function accusations(rule: Rule, sent: readonly Block[], committed = sent[0] as Block): readonly string[] {
  const found: string[] = [];
  const blocks = new SeenBlocks((block) => checker.seen(block));
  const checker = new CommitRuleChecker({ blocks, rule, accuse: (invariant) => found.push(invariant) });
  for (const block of sent) blocks.sent({ type: 'proposal', proposal: { block } } as PeerMessage);
  checker.committed(0, [committed]);
  return found;
}

function chain(...views: readonly number[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const view of views) blocks.push(childOf(blocks.at(-1) ?? GENESIS, { view: asView(view) }));
  return blocks;
}

test('three blocks in consecutive views commit the first and what it stands on; two do where that is the rule', (t) => {
  t.deepEqual(accusations('three-chain', chain(1, 2, 3)), []);
  t.deepEqual(accusations('three-chain', chain(1, 4, 5, 6)), []);
  t.deepEqual(accusations('two-chain', chain(1, 2)), []);
});

test('a commit behind too few blocks, or behind a gap in the views, is found', (t) => {
  t.deepEqual(accusations('three-chain', chain(1, 2)), ['S1']);
  t.deepEqual(accusations('three-chain', chain(1, 2, 4)), ['S1']);
  t.deepEqual(accusations('three-chain', chain(1, 3, 4)), ['S1']);
  t.deepEqual(accusations('two-chain', chain(1)), ['S1']);
  t.deepEqual(accusations('two-chain', chain(1, 3)), ['S1']);
});

test('what stands beside a committed chain is not committed by it', (t) => {
  const [first, ...rest] = chain(1, 3, 4, 5) as [Block, ...Block[]];
  const beside = childOf(first, { view: asView(2) });
  t.deepEqual(accusations('three-chain', [first, beside, ...rest], beside), ['S1']);
});
