import test from 'ava';
import { asView } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { AgreementChecker } from '../../../src/simulation/checkers/agreement.js';
import { childOf, GENESIS } from '../../support/chain.js';

function watched() {
  const accusations: string[] = [];
  const accuse = (invariant: string, detail: string) => accusations.push(`${invariant}: ${detail}`);
  return { accusations, checker: new AgreementChecker({ replicas: 4, accuse, isVote: () => true }) };
}

const first = childOf(GENESIS, { view: asView(1) });
const second = childOf(first, { view: asView(2) });
const other = childOf(first, { view: asView(3) });
const third = childOf(second, { view: asView(4) });

test('replicas commit one chain, over all their lives', (t) => {
  const { accusations, checker } = watched();
  checker.committed(0, [first, second], 1);
  checker.committed(1, [first], 2);
  checker.recovered(1, 1, [], 3);
  checker.committed(1, [second, third], 4);
  t.deepEqual(accusations, []);
  t.is(checker.height, 3);
});

test('what a crash left on the disk, untold, is committed from then on', (t) => {
  const { accusations, checker } = watched();
  checker.committed(0, [first], 1);
  checker.recovered(0, 2, [second], 2);
  t.is(checker.height, 2);
  t.is(checker.heightOf(0), 2);
  t.deepEqual(accusations, []);
  checker.committed(1, [first, other], 3);
  t.regex(accusations.join('; '), /^S1: replica 1 committed \w+ of view 3 at height 2, another \w+ of view 2$/);
});

test('what a crash has lost is committed anew', (t) => {
  const { accusations, checker } = watched();
  checker.committed(0, [first, second], 1);
  checker.recovered(0, 1, [], 2);
  checker.committed(0, [second], 3);
  t.deepEqual(accusations, []);
});

const refused: Readonly<
  Record<string, { readonly untold: readonly Block[]; readonly height: number; readonly as: RegExp }>
> = {
  'a height without its blocks': {
    untold: [],
    height: 3,
    as: /^S3: replica 0 recovered height 3, and its committed chain ends at 1$/,
  },
  'a gap': { untold: [third], height: 3, as: /^S3: replica 0 committed height 3 after 1; S3: / },
  'a block of another branch than the others committed': { untold: [other], height: 2, as: /^S1: replica 0 committed/ },
};
for (const [what, { untold, height, as }] of Object.entries(refused)) {
  test(`${what} does not recover`, (t) => {
    const { accusations, checker } = watched();
    checker.committed(0, [first], 1);
    checker.committed(1, [first, second], 1);
    checker.recovered(0, height, untold, 2);
    t.regex(accusations.join('; '), as);
  });
}
