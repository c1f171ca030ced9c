import { limits } from '../../../src/config/limits.js';
import { asHeight } from '../../../src/protocol/numbers.js';
import { encodeFrame } from '../../../src/wire/frames.js';
import { encodePeerMessage } from '../../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { chainOf, GENESIS } from '../../support/chain.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { framesFor, NetworkStage, peer } from '../../support/network-stage.js';

const TOKEN_AND_TYPE_BYTES = 9;

const request = (token: number): PeerMessage => ({
  type: 'fetchRequest',
  request: { kind: 'range', token, fromHeight: asHeight(1), maxBlocks: 5 },
});
const answer = (token: number, blocks = chainOf(2, GENESIS)): PeerMessage => ({
  type: 'fetchAnswer',
  answer: { token, blocks, certificate: null, committedHeight: asHeight(2) },
});
/** The head of an answer, and behind it nothing that decodes. */
const undecodable = (token: number): Uint8Array =>
  encodeFrame('message', encodePeerMessage(answer(token)).subarray(0, TOKEN_AND_TYPE_BYTES + 3));

function stageOf(changes: ConstructorParameters<typeof NetworkStage>[0] = {}) {
  const stage = new NetworkStage(changes).open();
  let connection = stage.connect(2);
  return {
    stage,
    connection: () => connection,
    ask: (token: number, to = 2) => void stage.tell({ type: 'sendTo', to: peer(to), message: request(token) }),
    says(message: PeerMessage): void {
      for (const frame of framesFor(message)) stage.frame(connection, frame);
    },
    reconnect(): void {
      stage.tell({ type: 'connectionClosed', connection, reason: 'reset' });
      stage.tell({ type: 'dialDue', peer: peer(2) });
      connection = stage.connect(2);
    },
    handedOn: () =>
      stage.sentTo('sync').flatMap(({ message }) => (message.type === 'fetchAnswered' ? [message.answer.token] : [])),
    refusals: () => stage.network.counters().refusals,
  };
}

test('an answer is handed on where its peer was asked, once for each request, and in any order', (t) => {
  const { ask, says, handedOn, stage } = stageOf();
  for (const token of [1, 2, 2]) ask(token);
  for (const token of [2, 1, 2]) says(answer(token));
  t.deepEqual(handedOn(), [2, 1, 2]);
  says(answer(2));
  t.deepEqual(handedOn(), [2, 1, 2]);
  t.is(stage.phaseOf(2), 'ready');
});

test('one answer that nobody asked for may be of before a restart; the next one ends the connection, and its peer is kept out', (t) => {
  const { says, handedOn, refusals, stage, connection } = stageOf();
  says(answer(7));
  t.is(stage.phaseOf(2), 'ready');
  t.is(refusals().staleAnswer, 1);
  says(answer(8));
  t.deepEqual(stage.closings(connection()), ['unaskedAnswer']);
  t.is(stage.phaseOf(2), 'banned');
  t.is(refusals().unaskedAnswer, 1);
  t.deepEqual(handedOn(), []);
  t.is(stage.countersOf(2)?.received.sync, 2, 'it is counted as received all the same');
});

test('a request to another peer, or one that did not leave, lets nobody answer', (t) => {
  const { ask, says, stage } = stageOf();
  stage.connect(0);
  ask(1, 0);
  ask(2, 3);
  says(answer(1));
  says(answer(2));
  t.is(stage.phaseOf(2), 'banned');
});

test('an answer that nobody asked for is not decoded', (t) => {
  const { refusals, stage, connection } = stageOf();
  stage.frame(connection(), undecodable(1));
  t.deepEqual(stage.closings(connection()), []);
  stage.frame(connection(), undecodable(1));
  t.deepEqual(stage.closings(connection()), ['unaskedAnswer']);
  t.is(refusals().malformed, undefined);
  const asked = stageOf();
  asked.ask(1);
  asked.stage.frame(asked.connection(), undecodable(1));
  t.deepEqual(asked.stage.closings(asked.connection()), ['malformed'], 'as it would be where it was asked for');
});

test('an answer in fragments that nobody asked for has no body hashed', (t) => {
  const { ask, says, stage } = stageOf({ offloadBodyBytes: 1 });
  const large = chainOf(2, GENESIS, limits.fragmentBytes);
  says(answer(1, large));
  t.deepEqual(stage.all('offload'), []);
  ask(1);
  says(answer(1, large));
  t.is(stage.all('offload').length, 1);
});

test('an answer may come over the next connection, and each connection may bring one of before a restart', (t) => {
  const { ask, says, reconnect, handedOn, stage, connection } = stageOf();
  ask(1);
  says(answer(9));
  reconnect();
  says(answer(1));
  says(answer(9));
  t.deepEqual(handedOn(), [1]);
  t.is(stage.phaseOf(2), 'ready');
  says(answer(9));
  t.deepEqual(stage.closings(connection()), ['unaskedAnswer']);
});

test('requests are remembered up to a bound, the newest', (t) => {
  const { ask, says, handedOn } = stageOf({ limits: { openFetchRequests: 2 } });
  for (const token of [1, 2, 3]) ask(token);
  for (const token of [1, 2, 3]) says(answer(token));
  t.deepEqual(handedOn(), [2, 3]);
});
