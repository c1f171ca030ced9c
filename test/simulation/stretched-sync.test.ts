/** A liar that answers who fetches with more than was asked for: nothing is wrong with such an answer but how much it is. */
import test from 'ava';
import type { Liar } from '../../actors/simulation/liars/liar.js';
import { stretchedSync } from '../../actors/simulation/liars/stretched-sync.js';
import { judgeAnswer } from '../../actors/sync/answer-check.js';
import { limits } from '../../src/config/limits.js';
import { asHeight, asReplicaId, asView } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { FetchAnswer, PeerMessage } from '../../src/wire/peer-messages.js';
import { blockOf, GENESIS } from '../support/command-blocks.js';

const PEER = asReplicaId(1);
const EMPTY = new Uint8Array(0);

/** Blocks from height 1 on, each certified by the next. */
function chainOf(length: number): readonly Block[] {
  const chain: Block[] = [];
  for (let height = 1; height <= length; height += 1) {
    chain.push(blockOf({ height, parent: chain.at(-1)?.hash ?? GENESIS, body: EMPTY }));
  }
  return chain;
}

/** The liar's answer to a request for `maxBlocks`, where it would give `served` and has heard of `heard`; null: as it would be. */
function lieTo(maxBlocks: number, served: readonly Block[], heard: readonly Block[] = []): FetchAnswer | null {
  const cluster = { clusterId: '00'.repeat(32), replicas: 4, tenureLength: 1, baseTimeoutMs: 1000 };
  const { incoming, outgoing } = stretchedSync({
    id: asReplicaId(0),
    cluster,
    fired: () => {},
  } as unknown as Liar);
  for (const block of heard) incoming?.(PEER, { type: 'proposal', proposal: { block, tc: null } } as PeerMessage);
  incoming?.(PEER, { type: 'fetchRequest', request: { kind: 'range', token: 7, fromHeight: asHeight(1), maxBlocks } });
  const certificate = { view: asView(served.length), block: served.at(-1)?.hash ?? GENESIS, signatures: [] };
  const answer = { token: 7, blocks: served, certificate, committedHeight: asHeight(100) };
  const [said] = outgoing?.(PEER, { type: 'fetchAnswer', answer }) ?? [];
  return said?.type === 'fetchAnswer' ? said.answer : null;
}

/** What a correct replica says to the answer that asked for so many blocks, in order to have one that is far above. */
function verdictOn(answer: FetchAnswer, maxBlocks: number, maxBytes: number): string {
  const above = { height: asHeight(0), hash: GENESIS };
  const target = { view: asView(1000), block: blockOf({ height: 1000 }).hash, signatures: [] };
  const verdict = judgeAnswer({ above, target, maxBlocks, maxBytes }, answer, () => true);
  return verdict.ok ? 'taken' : verdict.reason;
}

test('it goes on with blocks that follow, and all that is wrong is that they are too many', (t) => {
  const chain = chainOf(10);
  const answer = lieTo(2, chain.slice(0, 2), chain);
  // The last block that it has heard of is certified by none.
  t.deepEqual(answer?.blocks, chain.slice(0, 9));
  t.is(verdictOn(answer as FetchAnswer, 2, limits.fetchBytes), 'tooLong');
  t.is(verdictOn(answer as FetchAnswer, 9, limits.fetchBytes), 'taken');
});

test('where it knows of none it begins anew, with one more than was asked for', (t) => {
  const chain = chainOf(2);
  const answer = lieTo(2, chain);
  t.deepEqual(answer?.blocks, [...chain, chain[0]]);
  t.is(verdictOn(answer as FetchAnswer, 2, limits.fetchBytes), 'tooLong');
});

test('where an answer holds no more blocks than may be asked for, the last one has too many bytes', (t) => {
  const chain = chainOf(2);
  const answer = lieTo(limits.fetchBlocks, chain);
  t.is(answer?.blocks.length, 3);
  t.is(verdictOn(answer as FetchAnswer, limits.fetchBlocks, limits.fetchBytes), 'tooLong');
  t.is(verdictOn(answer as FetchAnswer, limits.fetchBlocks, limits.fetchBytes + 1), 'uncertified');
});

test('it says of nothing that it has nothing', (t) => {
  t.is(lieTo(2, []), null);
});
