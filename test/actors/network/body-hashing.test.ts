/** Large bodies are hashed by the pool: nothing else of the peer waits for that but what came after them in their class. */

import { hashBodies } from '../../../src/crypto/heavy-tasks.js';
import { asHeight } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { encodePeerMessage } from '../../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { at, chainOf, childOf, GENESIS } from '../../support/chain.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { framesFor, NetworkStage, type NetworkStageOptions, peer, voteOf } from '../../support/network-stage.js';

const LARGE = 200_000;
const proposalOf = (block: Block): PeerMessage => ({
  type: 'proposal',
  proposal: { block, signature: new Uint8Array(64), tc: null },
});
const largeBlock = (parent = GENESIS) => childOf(parent, { body: new Uint8Array(LARGE).fill(9) });

function stageOf(options: NetworkStageOptions = {}) {
  const stage = new NetworkStage({ offloadBodyBytes: LARGE, ...options }).open();
  const connection = stage.connect(0);
  const say = (message: PeerMessage, id: number) => {
    for (const frame of framesFor(message, id)) stage.frame(connection, frame);
  };
  let answered = 0;
  /** The pool answers what it was asked first: rightly, with other hashes, or not at all. */
  const answer = (how: 'rightly' | 'died' = 'rightly') => {
    const asked = stage.all('offload')[answered];
    if (asked === undefined) throw new Error('the pool was asked for nothing');
    answered += 1;
    const { task, id, input } = asked;
    const done = { ok: true as const, ...hashBodies(input) };
    stage.tell({
      type: 'offloadAnswered',
      task,
      id,
      result: how === 'died' ? { ok: false, code: 'POOL_THREAD_DIED' } : done,
    });
  };
  return { stage, connection, say, answer };
}

const told = (stage: NetworkStage) =>
  stage.sentTo('consensus').flatMap(({ message }) => {
    if (message.type === 'proposalReceived') return [`proposal ${message.proposal.block.header.view}`];
    return message.type === 'voteReceived' ? [`vote ${message.vote.view}`] : [];
  });

for (const [bytes, offloads] of [
  [LARGE - 1, 0],
  [LARGE, 1],
] as const) {
  test(`a body of ${bytes} bytes is ${offloads === 0 ? 'hashed here' : 'given to the pool, and up'}`, (t) => {
    const { stage, say } = stageOf();
    say(proposalOf(childOf(GENESIS, { body: new Uint8Array(bytes) })), 1);
    t.is(stage.all('offload').length, offloads);
    t.deepEqual(told(stage), offloads === 0 ? ['proposal 1'] : []);
  });
}

test('the proposal goes on when its body is hashed, whole, and charged with its size', (t) => {
  const { stage, say, answer } = stageOf();
  const block = largeBlock();
  const message = proposalOf(block);
  say(message, 1);
  answer();
  const sent = stage.sentTo('consensus').at(-1);
  t.like(sent?.message, { type: 'proposalReceived', from: 0 });
  const got = sent?.message.type === 'proposalReceived' ? sent.message.proposal.block : null;
  t.deepEqual([got?.header, got?.body], [block.header, block.body]);
  t.deepEqual(sent?.credit, { account: '0 proposals', units: encodePeerMessage(message).byteLength });
});

test('what is given up is the message’s own memory, and that alone', (t) => {
  const { stage, say } = stageOf();
  say(proposalOf(largeBlock()), 1);
  const [asked] = stage.all('offload');
  t.is(asked?.transfer?.length, 1);
  t.is(asked?.input.bodies[0]?.length, LARGE);
});

test('votes go on at once, and later proposals of the peer keep their order', (t) => {
  const { stage, say, answer } = stageOf();
  const first = largeBlock();
  const second = largeBlock(first);
  const third = childOf(second);
  say(proposalOf(first), 1);
  say(voteOf(5), 2);
  t.deepEqual(told(stage), ['vote 5']);
  say(proposalOf(second), 3);
  say(proposalOf(third), 4);
  t.is(stage.all('offload').length, 1);
  answer();
  t.deepEqual(told(stage), ['vote 5', 'proposal 1']);
  answer();
  t.deepEqual(told(stage), ['vote 5', 'proposal 1', 'proposal 2', 'proposal 3']);
});

test('a proposal of another peer does not wait', (t) => {
  const { stage, say } = stageOf();
  say(proposalOf(largeBlock()), 1);
  const other = stage.connect(2);
  for (const frame of framesFor(proposalOf(childOf(GENESIS, { view: 2 })))) stage.frame(other, frame);
  t.deepEqual(told(stage), ['proposal 2']);
});

test('a body that its header does not name ends the connection, its peer is kept out, and its credit comes back', (t) => {
  const { stage, connection, say, answer } = stageOf();
  const block = largeBlock();
  say(proposalOf({ ...block, body: new Uint8Array(LARGE).fill(1) }), 1);
  t.deepEqual(stage.closings(connection), []);
  answer();
  t.deepEqual(told(stage), []);
  t.deepEqual(stage.closings(connection), ['malformedBlock']);
  t.is(stage.phaseOf(0), 'banned');
  const returned = stage.sentTo('network').at(-1)?.message;
  t.like(returned, { type: 'creditReturned', accounts: [{ account: '0 proposals', messages: 1 }] });
});

test('a body that is lost with a thread of the pool is nobody’s fault: what came behind it goes on', (t) => {
  const { stage, connection, say, answer } = stageOf();
  const first = largeBlock();
  say(proposalOf(first), 1);
  say(proposalOf(childOf(first)), 2);
  answer('died');
  t.deepEqual(told(stage), ['proposal 2']);
  t.deepEqual(stage.closings(connection), []);
  t.is(stage.network.counters().refusals.lostInPool, 1);
});

test('fetched blocks are hashed together, and one false body refuses the answer', (t) => {
  for (const falseBody of [false, true]) {
    const { stage, say, answer } = stageOf();
    const chain = chainOf(4, GENESIS, LARGE / 4);
    const blocks = falseBody ? [...chain.slice(0, 3), { ...at(chain, 3), body: at(chain, 0).body }] : chain;
    const fetched = { token: 1, blocks, certificate: null, committedHeight: asHeight(4) };
    const request = { kind: 'range', token: 1, fromHeight: asHeight(1), maxBlocks: 4 } as const;
    stage.tell({ type: 'sendTo', to: peer(0), message: { type: 'fetchRequest', request } });
    say({ type: 'fetchAnswer', answer: fetched }, 1);
    t.is(stage.all('offload')[0]?.input.bodies.length, 4);
    answer();
    const answers = stage.sentTo('sync').flatMap(({ message }) => (message.type === 'fetchAnswered' ? [message] : []));
    t.deepEqual(
      answers.map(({ answer: { blocks: got } }) => got.map(({ header }) => header)),
      falseBody ? [] : [chain.map(({ header }) => header)],
    );
    t.is(stage.phaseOf(0), falseBody ? 'banned' : 'ready');
  }
});

test('what the pool hashes stands on the peer’s credit: beyond it the socket is paused', (t) => {
  const allowance = { messages: 10, bytes: 2 * LARGE };
  const credit = { votes: allowance, proposals: allowance, sync: allowance, commands: allowance };
  const { stage, connection, say } = stageOf({ limits: { peerCredit: credit } });
  for (let id = 1; id <= 4; id += 1)
    say(proposalOf(childOf(GENESIS, { view: 4 * id, body: new Uint8Array(LARGE) })), id);
  t.true(stage.all('pauseReading').some((effect) => effect.connection === connection));
  t.true((stage.countersOf(0)?.heldMessages ?? 0) >= 1);
});

test('after a stop an answer of the pool hands nothing on', (t) => {
  const { stage, say, answer } = stageOf();
  say(proposalOf(largeBlock()), 1);
  stage.tell({ type: 'stopRequested' });
  answer();
  t.deepEqual(told(stage), []);
});
