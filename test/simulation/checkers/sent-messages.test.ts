import test from 'ava';
import { SentMessages } from '../../../src/simulation/checkers/sent-messages.js';
import type { NodeId } from '../../../src/simulation/links.js';
import { framesOf } from '../../../src/wire/fragments.js';
import { encodePeerMessage } from '../../../src/wire/peer-codec.js';
import { CLUSTER_ID, childOf, GENESIS } from '../../support/chain.js';

const block = childOf(GENESIS, { body: new Uint8Array(200_000).fill(7) });
const signature = new Uint8Array(64).fill(1);
const message = encodePeerMessage({ type: 'proposal', proposal: { block, signature, tc: null } });
const frames = [...framesOf(5, message)];
const sentTo = (messages: SentMessages, to: number, sent = frames) =>
  sent.map((frame) => {
    const said = messages.sent({ from: 0 as NodeId, to: to as NodeId, frame });
    return said?.type === 'proposal' ? said.proposal.block.hash : null;
  });
const once = [null, null, null, block.hash];

test('a message in fragments is read when the last one is sent, by whoever it goes to, and stands for that one', (t) => {
  const messages = new SentMessages(CLUSTER_ID);
  t.is(messages.of(frames[3] as Uint8Array), null);
  t.deepEqual(sentTo(messages, 1), once);
  t.deepEqual(sentTo(messages, 2), once);
  t.is(messages.of(frames[3] as Uint8Array)?.type, 'proposal');
  t.is(messages.of(frames[0] as Uint8Array), null);
});

test('what a connection has left half sent is begun anew on the next one', (t) => {
  const messages = new SentMessages(CLUSTER_ID);
  t.deepEqual(sentTo(messages, 1, frames.slice(0, 2)), [null, null]);
  t.deepEqual(sentTo(messages, 1), once);
});

test('a fragment too short for a number says nothing', (t) => {
  const messages = new SentMessages(CLUSTER_ID);
  t.deepEqual(sentTo(messages, 1, [(frames[0] as Uint8Array).slice(0, 8)]), [null]);
});
