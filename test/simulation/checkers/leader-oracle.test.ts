import test from 'ava';
import { asBlockHash, type BlockHash } from '../../../src/protocol/numbers.js';
import { type LedBlock, mayHaveLed } from '../../../src/simulation/checkers/leader-oracle.js';

const hash = (view: number): BlockHash => asBlockHash(`${view}`.padStart(64, '0'));

/** Blocks of consecutive views from 1 on, in which 0, 1 and 2 of four took part, up to a block of `view` by `proposer`. */
function led(view: number, proposer: number, from = 1) {
  const blocks = new Map<BlockHash, LedBlock>();
  for (let at = from; at < view; at += 1) {
    blocks.set(hash(at), { view: at, parent: hash(at - 1), proposer: at % 3, signers: at === 1 ? [] : [0, 1, 2] });
  }
  return { block: { view, parent: hash(view - 1), proposer, signers: [0, 1, 2] }, blocks };
}

function leadersOf(view: number, leaderSchedule: 'round-robin' | 'reputation', from = 1): readonly number[] {
  return [0, 1, 2, 3].filter((proposer) => {
    const { block, blocks } = led(view, proposer, from);
    return mayHaveLed(block, { replicas: 4, tenureLength: 1, leaderSchedule }, blocks);
  });
}

test('by turns one replica leads', (t) => {
  t.deepEqual(leadersOf(7, 'round-robin'), [3]);
  t.deepEqual(leadersOf(103, 'round-robin'), [3]);
});

test('by reputation one of the active may lead beside, once there are blocks below the horizon', (t) => {
  t.deepEqual(leadersOf(103, 'reputation'), [103 % 3, 3]);
  t.deepEqual(leadersOf(41, 'reputation'), [1], 'the horizon of 41 is 0');
  t.deepEqual(leadersOf(43, 'reputation'), [43 % 3, 3], 'that of 43 is 2, and 1 took part in block 1');
});

test('whoever led below blocks that are not known is not accused', (t) => {
  t.deepEqual(leadersOf(103, 'reputation', 102), [0, 1, 2, 3]);
});
