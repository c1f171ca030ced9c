import { limits } from '../../../src/config/limits.js';
import { asClientId, asHeight, asSequence, asView } from '../../../src/protocol/numbers.js';
import { encodeFrame } from '../../../src/wire/frames.js';
import { encodePeerMessage } from '../../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { childOf, GENESIS } from '../../support/chain.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { firstFrameOf, framesFor, NetworkStage, peer, recordingLogger, voteOf } from '../../support/network-stage.js';

const allowance = { messages: 3, bytes: 10_000 };
const smallCredit = { votes: allowance, proposals: allowance, sync: allowance, commands: allowance };

function pauses(stage: NetworkStage): readonly number[] {
  return stage.all('pauseReading').map(({ connection }) => connection);
}
function resumptions(stage: NetworkStage): readonly number[] {
  return stage.all('resumeReading').map(({ connection }) => connection);
}
function votesSeen(stage: NetworkStage): readonly number[] {
  return stage
    .sentTo('consensus')
    .flatMap(({ message }) => (message.type === 'voteReceived' ? [message.vote.view] : []));
}
/** How many messages of forwarded commands were handed on. */
function commandMessages(stage: NetworkStage): number {
  return stage.sentTo('proposalGenerator').filter(({ message }) => message.type === 'commandsForwarded').length;
}
function returns(account: string, messages: number, units: number) {
  return { type: 'creditReturned', from: 'consensus', accounts: [{ account, messages, units }] } as const;
}
const commandsOf = (length: number): PeerMessage => ({
  type: 'commands',
  batches: [
    { client: asClientId('ab'.repeat(16)), commands: [{ sequence: asSequence(1), bytes: new Uint8Array(length) }] },
  ],
});

test('messages go to their consumers, charged with their size to the account of peer and class', (t) => {
  const stage = new NetworkStage().open();
  const connection = stage.connect(0);
  const vote = encodePeerMessage(voteOf(9)).byteLength;
  stage.frame(connection, firstFrameOf(voteOf(9)));
  stage.frame(
    connection,
    firstFrameOf({ type: 'fetchRequest', request: { kind: 'range', token: 1, fromHeight: asHeight(1), maxBlocks: 5 } }),
  );
  stage.frame(connection, firstFrameOf(commandsOf(10)));
  t.deepEqual(stage.sentTo('consensus').at(-1)?.credit, { account: '0 votes', units: vote });
  t.is(stage.sentTo('sync').at(-1)?.message.type, 'fetchRequested');
  t.is(stage.sentTo('sync').at(-1)?.credit?.account, '0 sync');
  t.is(stage.sentTo('proposalGenerator').at(-1)?.message.type, 'commandsForwarded');
  t.is(stage.sentTo('proposalGenerator').at(-1)?.credit?.account, '0 commands');
});

test('a peer without credit is paused, alone, and resumed in order when credit returns', (t) => {
  const stage = new NetworkStage({ limits: { peerCredit: smallCredit } }).open();
  const [flooding, other] = [stage.connect(0), stage.connect(2)];
  for (let view = 1; view <= 5; view += 1) stage.frame(flooding, firstFrameOf(voteOf(view)));
  t.deepEqual(votesSeen(stage), [1, 2, 3]);
  t.deepEqual(pauses(stage), [flooding]);
  t.is(stage.countersOf(0)?.heldMessages, 2);
  t.is(stage.countersOf(0)?.paused, 1);

  stage.frame(other, firstFrameOf(voteOf(100, 2)));
  t.deepEqual(votesSeen(stage), [1, 2, 3, 100], 'the other peer is served');

  stage.advance(limits.peerCreditWindowMs);
  const units = stage.sentTo('consensus').find(({ message }) => message.type === 'voteReceived')?.credit?.units ?? 0;
  stage.tell(returns('0 votes', 1, units));
  t.deepEqual(votesSeen(stage), [1, 2, 3, 100, 4]);
  t.deepEqual(resumptions(stage), []);
  stage.tell(returns('0 votes', 2, 2 * units));
  t.deepEqual(votesSeen(stage), [1, 2, 3, 100, 4, 5]);
  t.deepEqual(resumptions(stage), [flooding]);
});

test('a peer uses its credit once in a window, however soon its consumers return it', (t) => {
  const stage = new NetworkStage({ limits: { peerCredit: smallCredit } }).open();
  const connection = stage.connect(0);
  const returnAll = () => {
    const sent = stage.sentTo('consensus').filter(({ message }) => message.type === 'voteReceived');
    const fresh = sent.slice(returned);
    returned = sent.length;
    const units = fresh.reduce((sum, { credit }) => sum + (credit?.units ?? 0), 0);
    stage.tell(returns('0 votes', fresh.length, units));
  };
  let returned = 0;
  for (let view = 1; view <= 8; view += 1) {
    stage.frame(connection, firstFrameOf(voteOf(view)));
    returnAll();
  }
  t.deepEqual(votesSeen(stage), [1, 2, 3]);
  stage.advance(limits.peerCreditWindowMs - 1);
  t.deepEqual(votesSeen(stage), [1, 2, 3]);
  stage.advance(1);
  returnAll();
  t.deepEqual(votesSeen(stage), [1, 2, 3, 4, 5, 6]);
  t.deepEqual(resumptions(stage), []);
  stage.advance(limits.peerCreditWindowMs);
  t.deepEqual(votesSeen(stage), [1, 2, 3, 4, 5, 6, 7, 8]);
  t.deepEqual(resumptions(stage), [connection]);
});

test('a message beyond the bytes of a window passes, and is made up for before the next of its class', (t) => {
  const stage = new NetworkStage({ limits: { peerWindowBytes: 1000 } }).open();
  const connection = stage.connect(0);
  const window = limits.peerCreditWindowMs;
  const large = encodePeerMessage(commandsOf(2500)).byteLength;
  t.true(large > 2000 && large < 3000);
  stage.frame(connection, firstFrameOf(commandsOf(2500)));
  stage.frame(connection, firstFrameOf(commandsOf(10)));
  stage.frame(connection, firstFrameOf(voteOf(7)));
  t.deepEqual(votesSeen(stage), [7], 'other classes are not charged with it');
  stage.advance(window);
  t.is(commandMessages(stage), 1);
  stage.advance(window);
  t.is(commandMessages(stage), 2);
});

test('proposals have the whole window only from the leader, and a new leader has it at once', (t) => {
  const stage = new NetworkStage({
    limits: { peerWindowBytes: 3000, strayProposals: { messages: 10, bytes: 1000 } },
  }).open();
  const connections = [0, 2].map((id) => stage.connect(id));
  const body = (length: number): Uint8Array => {
    const block = childOf(GENESIS, { body: new Uint8Array(length) });
    return firstFrameOf({ type: 'proposal', proposal: { block, signature: new Uint8Array(64), tc: null } });
  };
  const seenFrom = (id: number): number =>
    stage.sentTo('consensus').filter(({ message }) => message.type === 'proposalReceived' && message.from === peer(id))
      .length;
  const both = (length: number): void =>
    connections.forEach((connection) => void stage.frame(connection, body(length)));
  stage.tell({ type: 'viewEntered', view: asView(1), leader: peer(0) });
  both(1000);
  both(1000);
  t.deepEqual([seenFrom(0), seenFrom(2)], [2, 1]);
  t.deepEqual(pauses(stage), [connections[1]]);
  stage.tell({ type: 'viewEntered', view: asView(2), leader: peer(2) });
  t.deepEqual([seenFrom(0), seenFrom(2)], [2, 2]);
  t.deepEqual(resumptions(stage), [connections[1]]);
  stage.frame(connections[1] ?? 0, body(1000));
  t.is(seenFrom(2), 3);
  stage.advance(limits.peerCreditWindowMs);
  both(1000);
  both(1000);
  t.deepEqual([seenFrom(0), seenFrom(2)], [3, 5], 'who led before has a small window again');
});

test('a peer that does not lead sends fewer proposals in a window, and has all of one when it does', (t) => {
  const stage = new NetworkStage({ limits: { strayProposals: { messages: 2, bytes: 10_000 } } }).open();
  const connection = stage.connect(0);
  const seen = (): number =>
    stage.sentTo('consensus').filter(({ message }) => message.type === 'proposalReceived').length;
  const proposals = (count: number): void => {
    const proposal = { block: childOf(GENESIS), signature: new Uint8Array(64), tc: null };
    for (let each = 0; each < count; each += 1) stage.frame(connection, firstFrameOf({ type: 'proposal', proposal }));
  };
  proposals(4);
  t.is(seen(), 2);
  stage.advance(limits.peerCreditWindowMs);
  t.is(seen(), 4);
  proposals(3);
  t.is(seen(), 4);
  stage.tell({ type: 'viewEntered', view: asView(1), leader: peer(0) });
  t.is(seen(), 7);
});

test('signs of life beyond any need end the connection, as many in longer time do not', (t) => {
  const stage = new NetworkStage().open();
  const [flooding, other] = [stage.connect(0), stage.connect(2)];
  for (let each = 0; each < limits.keepalivesPerWindow; each += 1) stage.frame(flooding, encodeFrame('keepalive'));
  t.deepEqual(stage.closings(flooding), []);
  stage.frame(flooding, encodeFrame('keepalive'));
  t.deepEqual(stage.closings(flooding), ['tooManyKeepalives']);
  for (let each = 0; each <= 2 * limits.keepalivesPerWindow; each += 1) {
    stage.frame(other, encodeFrame('keepalive'));
    stage.advance(1);
  }
  t.deepEqual(stage.closings(other), []);
});

test('ten times its credit from one peer puts no more than its credit before a consumer', (t) => {
  const stage = new NetworkStage({ limits: { peerCredit: smallCredit } }).open();
  const connection = stage.connect(0);
  for (let view = 1; view <= 30; view += 1) stage.frame(connection, firstFrameOf(voteOf(view)));
  t.is(votesSeen(stage).length, 3);
});

type HeldBound = { readonly messages?: number } | { readonly commands?: number } | { readonly bytes?: number };

/** A peer that is read two commands in a window and three after a rest, one a message; the consumer takes all at once. */
function forwardingStage(held: HeldBound = {}) {
  const stage = new NetworkStage({
    limits: {
      peerWindowCommands: 2,
      peerPoolCommands: 3,
      peerHeldCommands: { ...limits.peerHeldCommands, ...held },
    },
  });
  const connection = stage.open().connect(0);
  const handedOn = (): number => commandMessages(stage);
  const units = encodePeerMessage(commandsOf(10)).byteLength;
  const forward = (): void => {
    const before = handedOn();
    stage.frame(connection, firstFrameOf(commandsOf(10)));
    if (handedOn() > before) stage.tell(returns('0 commands', 1, units));
  };
  return { stage, connection, forward, handedOn, units };
}

test('forwarded commands come at a pace, after a burst, that nothing but time makes up for', (t) => {
  const { stage, forward, handedOn } = forwardingStage();
  for (let each = 0; each < 10; each += 1) forward();
  t.is(handedOn(), 3);
  stage.advance(limits.peerCreditWindowMs);
  t.is(handedOn(), 5);
  stage.advance(10 * limits.peerCreditWindowMs);
  t.is(handedOn(), 10);
  for (let each = 0; each < 10; each += 1) forward();
  t.is(handedOn(), 13, 'a rest gives back a burst and no more');
});

test('commands that wait for their window do not silence the votes of their peer, up to a bound', (t) => {
  const { units } = forwardingStage();
  for (const held of [{ messages: 4 }, { commands: 4 }, { bytes: 4 * units }]) {
    const { stage, connection, forward } = forwardingStage(held);
    for (let each = 0; each < 3 + 4; each += 1) forward();
    stage.frame(connection, firstFrameOf(voteOf(9)));
    t.deepEqual(votesSeen(stage), [9]);
    t.deepEqual(pauses(stage), []);
    forward();
    t.deepEqual(pauses(stage), [connection]);
    stage.advance(limits.peerCreditWindowMs);
    t.deepEqual(resumptions(stage), [connection], 'it is heard again as soon as no more than that waits');
  }
});

test('a peer whose commands wait is paused all the same for want of any other credit', (t) => {
  const { stage, connection, forward } = forwardingStage();
  for (let each = 0; each < 4; each += 1) forward();
  const votes = limits.peerCredit.votes.messages;
  for (let view = 1; view <= votes + 1; view += 1) stage.frame(connection, firstFrameOf(voteOf(view)));
  t.deepEqual(pauses(stage), [connection]);
});

test('a peer is not given its pace anew by reconnecting, and another has its own', (t) => {
  const { stage, connection, forward, handedOn } = forwardingStage();
  for (let each = 0; each < 3; each += 1) forward();
  stage.tell({ type: 'connectionClosed', connection, reason: 'connectionLost' });
  stage.frame(stage.connect(0), firstFrameOf(commandsOf(10)));
  t.is(handedOn(), 3);
  stage.frame(stage.connect(2), firstFrameOf(commandsOf(10)));
  t.is(handedOn(), 4);
});

test('a peer brings commands of a bounded number of clients in a window: more are left out, known ones never', (t) => {
  const { log, warnings } = recordingLogger();
  const stage = new NetworkStage({ log, limits: { peerSessions: 2, sessionQuotaWindowMs: 1000 } }).open();
  const [inventive, other] = [stage.connect(0), stage.connect(2)];
  const commandsBy = (clients: readonly string[]): PeerMessage => ({
    type: 'commands',
    batches: clients.map((name) => ({
      client: asClientId(name.repeat(16)),
      commands: [{ sequence: asSequence(1), bytes: new Uint8Array(5) }],
    })),
  });
  const clientsSeen = () => {
    const last = stage.sentTo('proposalGenerator').at(-1)?.message;
    return last?.type === 'commandsForwarded' ? last.batches.map(({ client }) => client.slice(0, 2)) : [];
  };
  stage.frame(inventive, firstFrameOf(commandsBy(['a1', 'a2', 'a3', 'a1'])));
  t.deepEqual(clientsSeen(), ['a1', 'a2', 'a1']);
  stage.frame(other, firstFrameOf(commandsBy(['a3', 'a4'])));
  t.deepEqual(clientsSeen(), ['a3', 'a4'], 'another peer has its own');
  stage.frame(inventive, firstFrameOf(commandsBy(['a4', 'a2'])));
  t.deepEqual(clientsSeen(), ['a2']);
  t.is(stage.network.counters().refusals.tooManyNewSessions, 2);
  t.is(warnings.length, 1);
  stage.advance(1000);
  stage.frame(inventive, firstFrameOf(commandsBy(['a4', 'a5', 'a6'])));
  t.deepEqual(clientsSeen(), ['a4', 'a5']);
});

test('classes have credit of their own: bodies use up none of the votes', (t) => {
  const stage = new NetworkStage({ limits: { peerCredit: smallCredit } }).open();
  const connection = stage.connect(0);
  for (let each = 0; each < 4; each += 1) stage.frame(connection, firstFrameOf(commandsOf(10)));
  stage.frame(connection, firstFrameOf(voteOf(7)));
  t.deepEqual(votesSeen(stage), [7]);
  t.is(commandMessages(stage), 3);
});

test('a message larger than all of the credit passes when nothing else of its class is on the way', (t) => {
  const stage = new NetworkStage({ limits: { peerCredit: smallCredit } }).open();
  const connection = stage.connect(0);
  stage.frame(connection, firstFrameOf(commandsOf(20_000)));
  t.is(commandMessages(stage), 1);
  stage.frame(connection, firstFrameOf(commandsOf(10)));
  t.is(commandMessages(stage), 1, 'but then the next has to wait');
});

test('reconnecting grants no new credit, and what was held for the old connection is gone', (t) => {
  const stage = new NetworkStage({ limits: { peerCredit: smallCredit } }).open();
  const connection = stage.connect(0);
  for (let view = 1; view <= 5; view += 1) stage.frame(connection, firstFrameOf(voteOf(view)));
  stage.tell({ type: 'connectionClosed', connection, reason: 'connectionLost' });
  t.is(stage.countersOf(0)?.heldMessages, 0);
  stage.frame(stage.connect(0), firstFrameOf(voteOf(6)));
  t.deepEqual(votesSeen(stage), [1, 2, 3]);
});

test('more held than a paused socket can still deliver ends the connection', (t) => {
  const stage = new NetworkStage({ limits: { peerCredit: smallCredit, heldBytes: 1000 } }).open();
  const connection = stage.connect(0);
  for (let view = 1; view <= 20; view += 1) stage.frame(connection, firstFrameOf(voteOf(view)));
  t.deepEqual(stage.closings(connection), ['overrun']);
  t.is(stage.countersOf(0)?.heldMessages, 0);
});

test('a body in fragments arrives whole, with votes in between', (t) => {
  const stage = new NetworkStage().open();
  const connection = stage.connect(0);
  const block = childOf(GENESIS, { body: new Uint8Array(200_000).fill(9) });
  const proposal: PeerMessage = { type: 'proposal', proposal: { block, signature: new Uint8Array(64), tc: null } };
  const frames = framesFor(proposal);
  t.true(frames.length > 3);
  for (const frame of frames) {
    t.deepEqual(votesSeen(stage).length, frames.indexOf(frame));
    stage.frame(connection, frame);
    stage.frame(connection, firstFrameOf(voteOf(1)));
  }
  const message = stage.sentTo('consensus').find((each) => each.message.type === 'proposalReceived')?.message;
  t.is(message?.type === 'proposalReceived' ? message.proposal.block.body.length : 0, 200_000);
});

test('a fragment that does not belong is misbehaviour', (t) => {
  const stage = new NetworkStage().open();
  const connection = stage.connect(0);
  const block = childOf(GENESIS, { body: new Uint8Array(200_000) });
  const [, second] = framesFor({ type: 'proposal', proposal: { block, signature: new Uint8Array(64), tc: null } });
  stage.frame(connection, second ?? new Uint8Array());
  t.deepEqual(stage.closings(connection), ['unknownMessage']);
  t.is(stage.phaseOf(0), 'banned');
});

test('no prefix and no single changed byte of a frame makes the network throw', (t) => {
  const frame = firstFrameOf(voteOf(3));
  for (let length = 0; length < frame.length; length += 1) {
    const stage = new NetworkStage().open();
    stage.frame(stage.connect(0), frame.slice(0, length));
    t.not(stage.phaseOf(0), 'ready');
  }
  for (let at = 0; at < frame.length; at += 1) {
    const changed = frame.slice();
    changed[at] = (changed[at] ?? 0) ^ 0xff;
    const stage = new NetworkStage().open();
    t.notThrows(() => stage.frame(stage.connect(0), changed));
  }
});

test('a hello after the greeting is misbehaviour', (t) => {
  const stage = new NetworkStage().open();
  const connection = stage.connect(0);
  stage.frame(connection, stage.helloOf(0));
  t.deepEqual(stage.closings(connection), ['helloAgain']);
});

test('what the host of sockets found wrong counts like a malformed frame', (t) => {
  const stage = new NetworkStage().open();
  const connection = stage.connect(0);
  stage.tell({ type: 'connectionClosed', connection, reason: 'frameTooLarge' });
  t.is(stage.phaseOf(0), 'banned');
  t.is(stage.network.counters().refusals.frameTooLarge, 1);
});

test('silence of a peer ends its connection, a sign of life puts that off, and a pause of ours blames nobody', (t) => {
  const stage = new NetworkStage().open();
  const connection = stage.connect(0);
  stage.advance(3500);
  stage.frame(connection, encodeFrame('keepalive'));
  stage.advance(3500);
  t.is(stage.phaseOf(0), 'ready');

  const stopped = new NetworkStage().open();
  stopped.connect(0);
  stopped.now += 60_000;
  stopped.tell({ type: 'keepaliveDue' });
  t.is(stopped.phaseOf(0), 'ready', 'this process stood still for a minute; its peer may have spoken');

  const paused = new NetworkStage({ limits: { peerCredit: smallCredit } }).open();
  const flooding = paused.connect(0);
  for (let view = 1; view <= 5; view += 1) paused.frame(flooding, firstFrameOf(voteOf(view)));
  paused.advance(10_000);
  t.is(paused.phaseOf(0), 'ready', 'whom we do not read cannot be heard');
});

test('credit for an account that is none is ignored', (t) => {
  const stage = new NetworkStage().open();
  t.notThrows(() => stage.tell(returns('nobody', 1, 1)));
  t.is(stage.phaseOf(0), 'awaiting');
});
