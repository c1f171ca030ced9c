import test from 'ava';
import { asReplicaId, asView } from '../../../src/protocol/numbers.js';
import type { Block, QuorumCertificate } from '../../../src/protocol/types.js';
import { CommitRuleChecker } from '../../../src/simulation/checkers/commit-rule.js';
import { SeenBlocks } from '../../../src/simulation/checkers/seen-blocks.js';
import { SeenVotes } from '../../../src/simulation/checkers/seen-votes.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { certify, childOf, GENESIS } from '../../support/chain.js';

type Rule = 'three-chain' | 'two-chain';

/** The replica that commits. */
const COMMITTER = 3;

interface Sent {
  readonly committed?: Block;
  /** A certificate of the last block, sent by itself. */
  readonly last?: QuorumCertificate | null;
}

/** What the checker says of a replica that commits the first of these blocks after all have been sent. */
function accusations(rule: Rule, sent: readonly Block[], { committed, last }: Sent = {}): readonly string[] {
  const found: string[] = [];
  const blocks = new SeenBlocks((block) => checker.seen(block));
  const votes = new SeenVotes({ replicas: 4, isVote: ({ signature }) => signature[0] === 7 });
  const checker = new CommitRuleChecker({
    replicas: 4,
    blocks,
    votes,
    rule,
    accuse: (invariant) => found.push(invariant),
  });
  const say = (message: PeerMessage): void => {
    blocks.sent(message);
    votes.sent(message);
  };
  for (const block of sent) say({ type: 'proposal', proposal: { block, tc: null } } as unknown as PeerMessage);
  const highQc = last === undefined ? certify(sent.at(-1) as Block) : last;
  if (highQc !== null) say({ type: 'certificates', certificates: { highQc, tc: null } });
  checker.committed(COMMITTER, [committed ?? (sent[0] as Block)]);
  return found;
}

function chain(...views: readonly number[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const view of views) blocks.push(childOf(blocks.at(-1) ?? GENESIS, { view: asView(view) }));
  return blocks;
}

function signedBy(block: Block, signers: readonly number[]): QuorumCertificate {
  const signature = new Uint8Array(64).fill(7);
  return { ...certify(block), signatures: signers.map((signer) => ({ signer: asReplicaId(signer), signature })) };
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
  t.deepEqual(accusations('three-chain', [first, beside, ...rest], { committed: beside }), ['S1']);
});

test('the last block must be certified, by votes that are seen and perhaps the own one', (t) => {
  for (const [rule, blocks] of [
    ['three-chain', chain(1, 2, 3)],
    ['two-chain', chain(1, 2)],
  ] as const) {
    const last = blocks.at(-1) as Block;
    t.deepEqual(accusations(rule, blocks, { last: null }), ['S1'], 'nobody has voted');
    t.deepEqual(accusations(rule, blocks, { last: signedBy(last, [0]) }), ['S1'], 'one, and perhaps itself');
    t.deepEqual(accusations(rule, blocks, { last: signedBy(last, [0, COMMITTER]) }), ['S1'], 'one, and itself');
    t.deepEqual(accusations(rule, blocks, { last: signedBy(last, [0, 1]) }), [], 'two, and perhaps itself');
    t.deepEqual(
      accusations(rule, blocks, { last: signedBy(last, [0, 0, 4, 1000]) }),
      ['S1'],
      'one twice, and strangers',
    );
    const forged = { ...certify(last), signatures: certify(last).signatures.map(forgedOf) };
    t.deepEqual(accusations(rule, blocks, { last: forged }), ['S1'], 'nobody, in the name of three');
    t.deepEqual(accusations(rule, blocks, { last: { ...certify(last), view: asView(9) } }), ['S1'], 'for another view');
  }
});

test('the blocks below it must be certified too: here a certificate has no votes', (t) => {
  const [first, second] = chain(1, 2) as [Block, Block];
  const header = { ...second.header, justify: { ...second.header.justify, signatures: [] } };
  t.deepEqual(accusations('two-chain', [first, { ...second, header }]), ['S1']);
});

test('a vote counts once, however it comes', (t) => {
  const [first, second] = chain(1, 2) as [Block, Block];
  const found: string[] = [];
  const blocks = new SeenBlocks((block) => checker.seen(block));
  const votes = new SeenVotes({ replicas: 4, isVote: () => true });
  const accuse = (invariant: string) => found.push(invariant);
  const checker = new CommitRuleChecker({ replicas: 4, blocks, votes, rule: 'two-chain', accuse });
  for (const block of [first, second]) {
    const message = { type: 'proposal', proposal: { block, tc: null } } as unknown as PeerMessage;
    blocks.sent(message);
    votes.sent(message);
  }
  const vote = (signer: number): PeerMessage => {
    const [signed] = signedBy(second, [signer]).signatures;
    return { type: 'vote', vote: { ...signed, view: second.header.view, block: second.hash } } as PeerMessage;
  };
  for (const signer of [0, 0]) votes.sent(vote(signer));
  checker.committed(COMMITTER, [first]);
  t.deepEqual(found, ['S1']);
  votes.sent(vote(1));
  checker.committed(COMMITTER, [first]);
  t.deepEqual(found, ['S1'], 'the second time it may');
});

function forgedOf<Signed extends { readonly signature: Uint8Array }>(signed: Signed): Signed {
  return { ...signed, signature: new Uint8Array(64).fill(8) };
}
