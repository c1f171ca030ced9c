import test from 'ava';
import type { Block } from '../../../src/protocol/types.js';
import { SignedProposalsChecker } from '../../../src/simulation/checkers/signed-proposals.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { childOf, GENESIS } from '../../support/chain.js';

/** Of view 1, and so proposed by replica 1. */
const BLOCK = childOf(GENESIS);
const GOOD = new Uint8Array(64).fill(1);
const MADE_UP = new Uint8Array(64).fill(2);

function watched() {
  const accusations: string[] = [];
  let verified = 0;
  const checker = new SignedProposalsChecker({
    isProposal: ({ signature }) => {
      verified += 1;
      return signature[0] === GOOD[0];
    },
    accuse: (invariant, detail) => accusations.push(`${invariant}: ${detail}`),
  });
  return { checker, accusations, verified: () => verified };
}

function proposal(signature: Uint8Array, block: Block = BLOCK): PeerMessage & { readonly type: 'proposal' } {
  return { type: 'proposal', proposal: { block, tc: null, signature } };
}

test('a vote for what came with a made-up signature alone is found', (t) => {
  const { checker, accusations } = watched();
  checker.proposed(2, proposal(MADE_UP));
  checker.voted(2, BLOCK.hash);
  t.deepEqual(accusations, [
    `S5: replica 2 voted for block ${BLOCK.hash} of replica 1, and was sent no proposal of it that is signed`,
  ]);
});

test('what somebody else was sent signed does not count', (t) => {
  const { checker, accusations } = watched();
  checker.proposed(3, proposal(GOOD));
  checker.proposed(2, proposal(MADE_UP));
  checker.voted(3, BLOCK.hash);
  t.is(accusations.length, 0);
  checker.voted(2, BLOCK.hash);
  t.is(accusations.length, 1);
});

test('a signed proposal is enough, whatever came beside it, and is verified once for all', (t) => {
  const { checker, accusations, verified } = watched();
  const sent = proposal(GOOD);
  for (const to of [0, 2, 3]) checker.proposed(to, sent);
  checker.proposed(2, proposal(GOOD.slice()));
  t.is(verified(), 1);
  checker.proposed(2, proposal(MADE_UP));
  for (const voter of [0, 2, 3]) checker.voted(voter, BLOCK.hash);
  t.deepEqual(accusations, []);
});

test('a proposer votes for its own block, and for one that it has not sent yet', (t) => {
  const { checker, accusations } = watched();
  checker.voted(1, BLOCK.hash);
  checker.proposed(0, proposal(GOOD));
  checker.voted(1, BLOCK.hash);
  t.deepEqual(accusations, []);
});
