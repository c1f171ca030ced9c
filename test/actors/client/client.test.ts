import fc from 'fast-check';
import { asReplicaId, asSequence, asView } from '../../../src/protocol/numbers.js';
import type { RefusalReason } from '../../../src/wire/client-messages.js';
import { bytesOf, ClientStage, FRESH, type Submit, sessionId } from '../../support/client-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

function refuse(stage: ClientStage, replica: number, reason: RefusalReason, ...sequences: number[]): void {
  stage.say(replica, { type: 'refused', client: sessionId(0), reason, sequences: sequences.map(asSequence) });
}

function hint(stage: ClientStage, from: number, leader: number, view: number): void {
  stage.say(from, { type: 'leader', view: asView(view), leader: asReplicaId(leader) });
}

test('commands submitted together go to one replica in one frame, with sequences from 1', (t) => {
  const stage = ClientStage.connected();
  stage.submit('a', 'b', 'c');
  stage.submit('d');
  t.deepEqual(stage.takeSubmits(), ['0: 1 2 3', '0: 4']);
});

test('every replica is told first whose replies to send', (t) => {
  const stage = new ClientStage(4, { clients: [sessionId(0), sessionId(1)] });
  stage.submit('a');
  stage.post({ type: 'openClient' });
  const heard = stage.takeHeard();
  t.deepEqual(
    heard.map(({ replica, request }) => `${replica} ${request.type}`),
    ['0 attach', '0 submit', '1 attach', '2 attach', '3 attach'],
  );
  t.deepEqual(heard[0]?.request, { type: 'attach', clients: [sessionId(0), sessionId(1)] });
});

test('on a plain transport a connection is known by the address that was dialled', (t) => {
  const stage = new ClientStage(4, {}, true);
  stage.post({ type: 'openClient' });
  t.deepEqual(stage.connected(), [0, 1, 2, 3]);
  stage.takeHeard();
  hint(stage, 1, 2, 5);
  hint(stage, 3, 2, 5);
  stage.submit('a');
  t.deepEqual(stage.takeSubmits(), ['2: 1']);
});

test('a command is answered by the second of four replicas with the same bytes, and once', (t) => {
  const stage = ClientStage.connected();
  const [ticket] = stage.submit('a');
  stage.reply(1, { 1: 'OK' }, 7);
  t.deepEqual(stage.takeAnswers(), []);
  stage.reply(2, { 1: 'OK' }, 7);
  t.deepEqual(stage.takeAnswers(), [`${ticket}=OK@7`]);
  stage.reply(3, { 1: 'OK' }, 7);
  stage.reply(0, { 1: 'OK' }, 7);
  t.deepEqual(stage.takeAnswers(), []);
});

test('with one replica one reply is enough; with seven it takes three', (t) => {
  const alone = ClientStage.connected(1);
  alone.submit('a');
  alone.reply(0, { 1: 'x' });
  t.is(alone.takeAnswers().length, 1);
  const seven = ClientStage.connected(7);
  seven.submit('a');
  seven.reply(0, { 1: 'x' });
  seven.reply(1, { 1: 'x' });
  t.deepEqual(seven.takeAnswers(), []);
  seven.reply(2, { 1: 'x' });
  t.is(seven.takeAnswers().length, 1);
});

test('one liar cannot answer: neither by other bytes, nor another height, nor by repeating itself', (t) => {
  const stage = ClientStage.connected();
  const [ticket] = stage.submit('a');
  stage.reply(3, { 1: 'lie' }, 7);
  stage.reply(3, { 1: 'lie' }, 7);
  stage.reply(3, { 1: 'truth' }, 7);
  stage.reply(0, { 1: 'truth' }, 7);
  t.deepEqual(stage.takeAnswers(), [], 'the liar has voted before');
  const height = ClientStage.connected();
  height.submit('a');
  height.reply(3, { 1: 'truth' }, 6);
  height.reply(0, { 1: 'truth' }, 7);
  t.deepEqual(height.takeAnswers(), []);
  stage.reply(1, { 1: 'truth' }, 7);
  t.deepEqual(stage.takeAnswers(), [`${ticket}=truth@7`]);
});

test('replies for unknown sequences and sessions are ignored', (t) => {
  const stage = ClientStage.connected();
  stage.submit('a');
  for (const replica of [0, 1, 2]) {
    stage.reply(replica, { 2: 'x', 1025: 'x', 9007199253692000: 'x' });
    stage.reply(replica, { 1: 'x' }, 1, 5);
  }
  t.deepEqual(stage.takeAnswers(), []);
});

test('without an answer a command goes to f+1 replicas, the next f+1, the next, and then to all', (t) => {
  const stage = ClientStage.connected();
  stage.submit('a');
  t.deepEqual(stage.takeSubmits(), ['0: 1']);
  stage.time.advance(999);
  t.deepEqual(stage.takeSubmits(), []);
  stage.time.advance(26);
  t.deepEqual(stage.takeSubmits(), ['1: 1', '2: 1'], 'the silent one is not taken for the leader any more');
  stage.time.advance(1900);
  t.deepEqual(stage.takeSubmits(), []);
  stage.time.advance(200);
  t.is(stage.takeSubmits().length, 2);
  stage.time.advance(4100);
  t.is(stage.takeSubmits().length, 2);
  stage.time.advance(8100);
  t.is(stage.takeSubmits().length, 4);
  stage.time.advance(7600);
  t.is(stage.takeSubmits().length, 0, 'the retry time grows no further than eightfold');
  stage.time.advance(200);
  t.is(stage.takeSubmits().length, 4);
  stage.reply(1, { 1: 'x' });
  stage.reply(3, { 1: 'x' });
  t.is(stage.takeAnswers().length, 1);
  stage.time.advance(100_000);
  t.deepEqual(stage.takeSubmits(), [], 'an answered command is not sent again');
  t.is(stage.time.timersRunning, 0, 'and no timer runs for nothing');
});

test('while others are answered a slow command is retried after four retry times, not one', (t) => {
  const stage = ClientStage.connected();
  stage.submit('slow');
  for (let sequence = 2; stage.time.now < 3900; sequence += 1) {
    stage.time.advance(100);
    stage.submit('quick');
    for (const replica of [1, 2]) stage.reply(replica, { [sequence]: 'x' });
  }
  const retries = () => stage.takeSubmits().filter((submit) => submit.endsWith(': 1'));
  t.deepEqual(retries(), ['0: 1']);
  stage.time.advance(150);
  t.deepEqual(retries(), ['0: 1', '1: 1'], 'the leader is not doubted, since it has others answered');
});

test('what was sent to a replica whose connection is lost goes elsewhere at once', (t) => {
  const stage = ClientStage.connected();
  stage.submit('answered');
  for (const replica of [0, 1]) stage.reply(replica, { 1: 'x' });
  stage.submit('a', 'b');
  stage.takeSubmits();
  stage.cut(0);
  t.deepEqual(stage.takeSubmits(), ['1: 2 3', '2: 2 3'], 'however lately others were answered');
  stage.submit('c');
  t.deepEqual(stage.takeSubmits(), ['1: 4'], 'and new commands with it');
});

test('without any connection commands wait, and go out when one comes', (t) => {
  const stage = new ClientStage();
  for (const replica of [0, 1, 2, 3]) stage.down.add(replica);
  stage.post({ type: 'openClient' });
  stage.submit('a');
  stage.down.delete(2);
  stage.time.advance(150);
  t.deepEqual(stage.takeSubmits(), ['2: 1']);
  stage.cut(2);
  stage.down.add(2);
  stage.time.advance(5000);
  t.deepEqual(stage.takeSubmits(), []);
  stage.down.delete(1);
  stage.time.advance(1000);
  t.deepEqual(stage.takeSubmits(), ['1: 1']);
});

test('a failed replica is dialled again after a pause that doubles up to its maximum and shrinks after success', (t) => {
  const stage = new ClientStage();
  stage.down.add(3);
  stage.post({ type: 'openClient' });
  stage.time.advance(3600);
  const dials = () => stage.dials.filter(({ replica }) => replica === 3).map(({ at }) => at);
  t.deepEqual(dials(), [0, 100, 300, 700, 1500, 2500, 3500]);
  stage.down.delete(3);
  stage.time.advance(1000);
  stage.cut(3);
  stage.time.advance(100);
  t.deepEqual(dials().slice(-2), [4500, 4700]);
});

test('new commands follow a leader that f+1 replicas name, and not what one says', (t) => {
  const stage = ClientStage.connected();
  hint(stage, 0, 2, 10);
  hint(stage, 1, 2, 12);
  stage.submit('a');
  hint(stage, 3, 3, 2 ** 50);
  stage.submit('b');
  hint(stage, 1, 2, 8);
  hint(stage, 0, 1, 9);
  stage.submit('c');
  hint(stage, 0, 1, 20);
  hint(stage, 1, 1, 21);
  stage.submit('d');
  hint(stage, 2, 9, 30);
  hint(stage, 3, 9, 2 ** 51);
  stage.submit('e');
  t.deepEqual(stage.takeSubmits(), ['2: 1', '2: 2', '2: 3', '1: 4', '1: 5']);
});

test('a full pool is given more time at each refusal, and only the leader is asked again', (t) => {
  const stage = ClientStage.connected();
  stage.submit('a');
  stage.takeHeard();
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    refuse(stage, 0, 'poolFull', 1);
    for (let waited = 0; waited < 1000 && stage.heard.length === 0; waited += 25) stage.time.advance(25);
    t.deepEqual(
      stage.heard.map(({ replica }) => replica),
      [0],
    );
    times.push(stage.takeHeard()[0]?.at ?? -1);
  }
  t.deepEqual(times, [25, 75, 175]);
  refuse(stage, 0, 'poolFull', 1);
  stage.time.advance(225);
  t.deepEqual(stage.takeSubmits(), ['0: 1', '1: 1'], 'the fourth time others are asked: the first may be lying');
});

test('a command is rejected when f+1 replicas refuse it for good, and one alone only makes it go elsewhere', (t) => {
  for (const reason of ['invalid', 'tooLarge', 'sequenceTooOld'] as const) {
    const stage = ClientStage.connected();
    const [ticket] = stage.submit('a');
    stage.takeHeard();
    refuse(stage, 0, reason, 1);
    refuse(stage, 0, reason, 1);
    t.deepEqual(stage.takeAnswers(), []);
    stage.time.advance(25);
    t.deepEqual(stage.takeSubmits(), ['0: 1', '1: 1']);
    refuse(stage, 1, reason, 1, 2);
    t.deepEqual(stage.takeAnswers(), [`${ticket}!${reason}`]);
  }
});

test('replicas that refuse a command for different reasons have not agreed that it can never be taken', (t) => {
  const stage = ClientStage.connected();
  const [ticket] = stage.submit('a');
  refuse(stage, 3, 'sequenceTooOld', 1);
  refuse(stage, 1, 'invalid', 1);
  t.deepEqual(stage.takeAnswers(), [], 'or one liar would say why');
  refuse(stage, 2, 'invalid', 1);
  t.deepEqual(stage.takeAnswers(), [`${ticket}!invalid`]);
});

test('one replica that says again and again that its pool is full does not keep a command from the others', (t) => {
  const stage = ClientStage.connected();
  stage.submit('a');
  const asked = new Set<string>();
  for (let refusals = 0; stage.time.now < 8000; refusals += 1) {
    refuse(stage, 0, 'poolFull', 1);
    if (refusals >= 7) stage.time.advance(500);
    for (const submit of stage.takeSubmits()) asked.add(submit);
  }
  t.deepEqual([...asked].sort(), ['0: 1', '1: 1', '2: 1', '3: 1']);
});

test('what one replica refuses, asked or not, has a client send the others little more', (t) => {
  const copiesTo = (replica: number, reason: RefusalReason | null, from: number) => {
    const stage = ClientStage.connected();
    stage.submit('a');
    let copies = 0;
    while (stage.time.now < 20_000) {
      if (reason !== null) refuse(stage, from, reason, 1);
      stage.time.advance(25);
      copies += stage.takeSubmits().filter((submit) => submit.startsWith(`${replica}:`)).length;
    }
    return copies;
  };
  for (const reason of ['invalid', 'tooLarge', 'sequenceTooOld', 'stopping', 'poolFull'] as const) {
    for (const from of [0, 3]) t.true(copiesTo(2, reason, from) <= copiesTo(2, null, from) + 2, `${reason} of ${from}`);
  }
});

test('who refuses what it was not asked hastens nothing', (t) => {
  for (const reason of ['invalid', 'stopping', 'poolFull'] as const) {
    const stage = ClientStage.connected();
    stage.submit('a');
    stage.takeHeard();
    refuse(stage, 3, reason, 1);
    stage.time.advance(900);
    t.deepEqual(stage.takeSubmits(), [], reason);
  }
});

/** The commands that reached replicas, as `session: sequence…`, each once. */
function sessionsHeard(stage: ClientStage): string[] {
  const submits = stage.takeHeard().flatMap(({ request }) => (request.type === 'submit' ? [request] : []));
  const said = submits.map(
    ({ client, commands }) => `${client}: ${commands.map(({ sequence }) => sequence).join(' ')}`,
  );
  return [...new Set(said)];
}

test('a client whose session was taken over goes on in a fresh one, which every replica hears of', (t) => {
  const stage = ClientStage.connected();
  const [ticket] = stage.submit('a');
  refuse(stage, 3, 'sequenceTooOld', 1);
  stage.submit('b');
  t.deepEqual(sessionsHeard(stage), [`${sessionId(0)}: 1`, `${sessionId(0)}: 2`], 'one replica takes no session away');
  refuse(stage, 2, 'sequenceTooOld', 1);
  t.deepEqual(stage.takeAnswers(), [`${ticket}!sequenceTooOld`]);
  const attached = stage.takeHeard().map(({ replica, request }) => [replica, request]);
  t.deepEqual(
    attached,
    [0, 1, 2, 3].map((replica) => [replica, { type: 'attach', clients: [sessionId(FRESH)] }]),
  );
  stage.submit('c');
  t.deepEqual(sessionsHeard(stage), [`${sessionId(FRESH)}: 1`]);
  for (const replica of [1, 2]) stage.reply(replica, { 1: 'x' }, 7, FRESH);
  t.deepEqual(stage.takeAnswers(), ['3=x@7']);
});

test('what was sent in a session that was taken over never goes into another', (t) => {
  const stage = ClientStage.connected();
  stage.submit('a', 'b');
  for (const replica of [2, 3]) refuse(stage, replica, 'sequenceTooOld', 1);
  stage.takeHeard();
  stage.time.advance(1100);
  t.deepEqual(sessionsHeard(stage), [`${sessionId(0)}: 2`], 'it may have run');
  for (const replica of [1, 2]) stage.reply(replica, { 2: 'x' }, 7);
  t.deepEqual(stage.takeAnswers(), ['1!sequenceTooOld', '2=x@7']);
  stage.cut(1);
  stage.takeHeard();
  stage.time.advance(200);
  const attached = stage.takeHeard().map(({ request }) => request);
  t.deepEqual(attached, [{ type: 'attach', clients: [sessionId(FRESH)] }], 'and then nobody is asked for its replies');
});

test('however often its sessions are taken over, a client attaches no more of them than a connection may have', (t) => {
  const most = 5;
  const stage = ClientStage.connected(4, { attachedClientsMax: most });
  for (let taken = 0; taken < 20; taken += 1) {
    const session = taken === 0 ? 0 : FRESH + taken - 1;
    stage.submit('a');
    for (const replica of [2, 3]) {
      stage.say(replica, {
        type: 'refused',
        client: sessionId(session),
        reason: 'sequenceTooOld',
        sequences: [asSequence(1)],
      });
    }
    t.deepEqual(stage.takeAnswers(), [`${taken + 1}!sequenceTooOld`]);
    stage.time.advance(200);
  }
  const attached = stage.takeHeard().filter(({ replica, request }) => replica === 2 && request.type === 'attach');
  t.true(attached.length > 20 / most, 'each is attached');
  const closed = stage.closed.filter(({ replica }) => replica === 2);
  t.deepEqual(new Set(closed.map(({ reason }) => reason)), new Set(['sessionsEnded']));
  t.is(closed.length, Math.floor(20 / most), 'on a connection that has room for it');
});

test('while sessions that were taken over wait for answers, as many fewer take commands', (t) => {
  const stage = ClientStage.connected(4, { attachedClientsMax: 1 });
  stage.submit('a', 'b');
  for (const replica of [2, 3]) refuse(stage, replica, 'sequenceTooOld', 1);
  stage.submit('c');
  stage.takeHeard();
  for (const replica of [2, 3]) refuse(stage, replica, 'sequenceTooOld', 2);
  stage.time.advance(200);
  t.deepEqual(sessionsHeard(stage), [`${sessionId(FRESH)}: 1`]);
});

test('a replica that stops is left for another', (t) => {
  const stage = ClientStage.connected();
  stage.submit('a');
  stage.takeHeard();
  refuse(stage, 0, 'stopping', 1);
  stage.time.advance(25);
  t.deepEqual(stage.takeSubmits(), ['1: 1', '2: 1']);
});

test('a session spans 1024 sequences from its oldest unanswered one, never more', (t) => {
  const stage = ClientStage.connected();
  stage.submit(...Array.from({ length: 1100 }, (_, index) => `${index}`));
  const sent = () =>
    stage.takeHeard().flatMap(({ request }) => (request as Submit).commands.map(({ sequence }) => sequence as number));
  t.is(sent().length, 1024);
  for (const replica of [0, 1]) stage.reply(replica, { 2: 'x', 1024: 'x' });
  t.deepEqual(sent(), [], 'the oldest one is still unanswered');
  for (const replica of [0, 1]) stage.reply(replica, { 1: 'x' });
  t.deepEqual(sent(), [1025, 1026], 'sequence 3 is the oldest now');
});

test('4000 commands are in flight over eight sessions, and the rest waits its turn', (t) => {
  const clients = Array.from({ length: 8 }, (_, index) => sessionId(index));
  const stage = ClientStage.connected(4, { clients, outstandingMax: 4000 });
  stage.submit(...Array.from({ length: 5000 }, (_, index) => `${index}`));
  const sent = stage.takeHeard().map(({ request }) => request as Submit);
  t.is(
    sent.reduce((sum, { commands }) => sum + commands.length, 0),
    4000,
  );
  t.true(sent.length <= 8, 'in few frames');
  const first = sent[0] as Submit;
  for (const replica of [0, 1]) {
    for (const { sequence } of first.commands) stage.reply(replica, { [sequence]: 'x' }, 1, 0);
  }
  const more = stage.takeHeard().reduce((sum, { request }) => sum + (request as Submit).commands.length, 0);
  t.is(more, first.commands.length, 'as many follow as were answered');
});

test('the bytes in flight are bounded, but a command larger than the bound still goes alone', (t) => {
  const stage = ClientStage.connected(4, { outstandingBytesMax: 100_000 });
  stage.submit(new Uint8Array(150_000), new Uint8Array(10));
  t.deepEqual(stage.takeSubmits(), ['0: 1']);
  for (const replica of [0, 1]) stage.reply(replica, { 1: 'x' });
  t.deepEqual(stage.takeSubmits(), ['0: 2']);
});

test('frames are cut by count and by bytes', (t) => {
  const stage = ClientStage.connected(4, { frameCommandsMax: 2, frameBytesMax: 1000 });
  stage.submit('a', 'b', 'c', new Uint8Array(990), new Uint8Array(11), new Uint8Array(2000));
  t.deepEqual(stage.takeSubmits(), ['0: 1 2', '0: 3 4', '0: 5', '0: 6']);
  stage.time.advance(1025);
  t.deepEqual(
    stage.takeSubmits(),
    [1, 2].flatMap((id) => [`${id}: 1 2`, `${id}: 3 4`, `${id}: 5`, `${id}: 6`]),
  );
});

test('nothing is sent a second time to a replica that does not read', (t) => {
  const stage = new ClientStage(4, { backlogBytesMax: 1000 });
  stage.post({ type: 'openClient' });
  stage.takeHeard();
  stage.mute.add(0);
  stage.submit(new Uint8Array(2000));
  t.deepEqual(stage.takeSubmits(), ['0: 1']);
  stage.time.advance(30_000);
  t.false(stage.takeSubmits().some((submit) => submit.startsWith('0:')));
});

test('an abandoned command is neither sent again nor answered, and gives its place to another', (t) => {
  const stage = ClientStage.connected(4, { outstandingMax: 1 });
  const [first, second] = stage.submit('a', 'b', 'c');
  stage.takeHeard();
  stage.post({ type: 'submissionsAbandoned', tickets: [first as number, second as number] });
  const [sent] = stage.takeHeard();
  t.deepEqual(sent?.request, {
    type: 'submit',
    client: sessionId(0),
    commands: [{ sequence: asSequence(2), bytes: bytesOf('c') }],
  });
  for (const replica of [0, 1]) stage.reply(replica, { 1: 'x' });
  t.deepEqual(stage.takeAnswers(), []);
});

test('a replica of another cluster, epoch or identity, or one that refuses, is not talked to', (t) => {
  const stage = new ClientStage();
  const own = { wireVersion: 1, clusterId: 'c1'.repeat(32), epoch: 0, role: 'replica' } as const;
  stage.greet = (replica) => {
    if (replica === 0)
      return { accepted: true, hello: { ...own, replica: asReplicaId(0), clusterId: 'ff'.repeat(32) } };
    if (replica === 1) return { accepted: true, hello: { ...own, replica: asReplicaId(1), epoch: 1 } };
    if (replica === 2) return { accepted: true, hello: { ...own, replica: asReplicaId(3) } };
    return { accepted: false, reason: 'wrongCluster' };
  };
  stage.submit('a');
  stage.post({ type: 'openClient' });
  t.deepEqual(stage.heard, []);
  t.deepEqual(
    stage.closed.map(({ reason }) => reason),
    ['wrongCluster', 'wrongEpoch', 'identityMismatch', 'wrongCluster'],
  );
});

test('a replica that does not greet in time, or sends what is no frame or no answer, is dialled again', (t) => {
  const stage = new ClientStage();
  stage.mute.add(3);
  stage.post({ type: 'openClient' });
  stage.sayBytes(0, new Uint8Array(0));
  stage.sayBytes(1, Uint8Array.of(1, 3, 77, 1, 2, 3));
  stage.sayBytes(2, Uint8Array.of(9, 3, 1));
  stage.time.advance(1000);
  t.deepEqual(
    stage.closed.map(({ replica, reason }) => `${replica} ${reason}`),
    ['0 tooShort', '1 unknownType', '2 wrongVersion', '3 noGreeting'],
  );
  stage.mute.clear();
  stage.time.advance(200);
  t.deepEqual(stage.connected(), [0, 1, 2, 3]);
});

test('status tells of each replica what it says of itself, or that it is not reachable', (t) => {
  const stage = new ClientStage();
  stage.down.add(1);
  stage.post({ type: 'openClient' });
  stage.post({ type: 'statusAsked', ticket: 5, withinMs: 3000 });
  const status = { view: 9, leader: 1, committedHeight: 4, stateHash: 'ab'.repeat(32) };
  for (const { replica, request } of stage.takeHeard()) {
    if (request.type !== 'status' || replica === 3) continue;
    const answer = { type: 'status', token: request.token, status: { id: 3, ...status } } as never;
    stage.say(replica, answer);
    stage.say(replica, answer);
  }
  t.deepEqual(stage.reports, [], 'replica 3 may still answer');
  stage.time.advance(3000);
  t.deepEqual(stage.reports, [
    {
      type: 'answerStatus',
      ticket: 5,
      replicas: [
        { reachable: true, ...status, id: 0 },
        { reachable: false, id: 1 },
        { reachable: true, ...status, id: 2 },
        { reachable: false, id: 3 },
      ],
    },
  ] as never);
});

test('commands are given up, naming the replicas, once fewer than f+1 can be who they should be, and not before', (t) => {
  const stage = new ClientStage();
  for (const replica of [1, 2, 3]) stage.down.add(replica);
  stage.dialFailure = 'refused';
  stage.post({ type: 'openClient' });
  stage.submit('waits');
  stage.dialFailure = 'hostUnknown';
  stage.time.advance(5000);
  t.deepEqual(stage.reports, [], 'who is merely not there may come');
  stage.dialFailure = 'unknownKey';
  stage.down.delete(3);
  stage.time.advance(5000);
  t.deepEqual(stage.reports, [], 'replicas 0 and 3 are enough');
  stage.submit('waits, too');
  stage.greet = () => ({ accepted: false, reason: 'wrongCluster' });
  stage.cut(3);
  stage.time.advance(5000);
  const [rejected, ...more] = stage.reports.splice(0);
  if (rejected?.type !== 'rejectUntrusted' || more.length > 0) return t.fail('both are rejected, together');
  t.deepEqual([rejected.tickets, rejected.replicas], [[1, 2], [1, 2, 3].map(asReplicaId)]);
  t.regex(rejected.problems.join(), /replica 1 .*transport key.*replica 2 .*transport key.*replica 3 .*wrongCluster/s);
  stage.submit('comes too late');
  t.deepEqual(
    stage.reports.splice(0).map((report) => report.type === 'rejectUntrusted' && report.tickets),
    [[3]],
  );
  stage.down.clear();
  stage.greet = () => null;
  stage.time.advance(5000);
  stage.submit('is taken again');
  t.deepEqual(stage.reports, []);
  for (const replica of [0, 3]) stage.reply(replica, { 3: 'done' });
  t.deepEqual(stage.takeAnswers(), ['4=done@1']);
});

test('a replica whose key or greeting is wrong is told as such by status and log, and no longer once it is right', (t) => {
  const stage = new ClientStage();
  stage.down.add(1);
  stage.dialFailure = 'unknownKey';
  stage.greet = (replica) => (replica === 3 ? { accepted: false, reason: 'wrongCluster' } : null);
  stage.post({ type: 'openClient' });
  const ask = { type: 'logAsked', ticket: 2, replica: 1, fromHeight: 3, maxBlocks: 10, withinMs: 3000 } as never;
  stage.post({ type: 'statusAsked', ticket: 1, withinMs: 10 });
  stage.post(ask);
  stage.time.advance(10);
  const [rejected, status] = stage.reports.splice(0);
  if (rejected?.type !== 'rejectLog' || status?.type !== 'answerStatus') return t.fail('both are answered');
  t.regex(rejected.problem ?? '', /^replica 1 at host:1 shows a transport key that is no replica's.*cluster\.json$/);
  const problems = status.replicas.map((answer) => (answer.reachable ? 'reachable' : (answer.problem ?? '')));
  t.deepEqual([problems[0], problems[2]], ['', ''], 'what is merely silent has no problem');
  t.is(problems[1], rejected.problem);
  t.regex(problems[3] ?? '', /^replica 3 at host:3 does not greet as it must: wrongCluster$/);

  stage.dialFailure = 'refused';
  stage.time.advance(5000);
  stage.post(ask);
  t.deepEqual(stage.reports.splice(0), [{ type: 'rejectLog', ticket: 2, replica: 1 }] as never);
});

test('status waits for no one when all have answered or are known to be down', (t) => {
  const stage = new ClientStage(2);
  stage.post({ type: 'statusAsked', ticket: 5, withinMs: 3000 });
  stage.down.add(0);
  stage.down.add(1);
  stage.post({ type: 'openClient' });
  t.deepEqual(
    stage.reports.map(({ type }) => type),
    ['answerStatus'],
  );
});

test('a log is asked of one replica, and rejected when that is down or leaves', (t) => {
  const ask = { type: 'logAsked', fromHeight: 3, maxBlocks: 10, withinMs: 3000 } as const;
  const stage = new ClientStage();
  stage.down.add(1);
  stage.post({ type: 'openClient' });
  stage.takeHeard();
  stage.post({ ...ask, ticket: 1, replica: 2 } as never);
  t.deepEqual(
    stage.takeHeard().map(({ replica, request }) => [replica, request]),
    [[2, { type: 'log', token: 1, fromHeight: 3, maxBlocks: 10 }]] as never,
  );
  stage.say(3, { type: 'log', token: 1, blocks: [], committedHeight: 99 } as never);
  t.deepEqual(stage.reports, [], 'another replica was not asked');
  stage.say(2, { type: 'log', token: 1, blocks: [], committedHeight: 8 } as never);
  stage.post({ ...ask, ticket: 2, replica: 1 } as never);
  stage.post({ ...ask, ticket: 3, replica: 0 } as never);
  stage.cut(0);
  stage.post({ ...ask, ticket: 4, replica: 3 } as never);
  stage.time.advance(3000);
  t.deepEqual(stage.reports, [
    { type: 'answerLog', ticket: 1, blocks: [], committedHeight: 8 },
    { type: 'rejectLog', ticket: 2, replica: 1 },
    { type: 'rejectLog', ticket: 3, replica: 0 },
    { type: 'rejectLog', ticket: 4, replica: 3 },
  ] as never);
});

test('proofs of equivocation are asked of one replica, and the question is rejected when that is down or silent', (t) => {
  const ask = { type: 'evidenceAsked', accused: 1, withinMs: 3000 } as const;
  const stage = new ClientStage();
  stage.down.add(1);
  stage.post({ type: 'openClient' });
  stage.takeHeard();
  stage.post({ ...ask, ticket: 1, replica: 2 } as never);
  t.deepEqual(
    stage.takeHeard().map(({ replica, request }) => [replica, request]),
    [[2, { type: 'evidence', token: 1, accused: 1 }]] as never,
  );
  const proofs = [Uint8Array.of(1, 2)];
  stage.say(3, { type: 'evidence', token: 1, proofs } as never);
  stage.say(2, { type: 'log', token: 1, blocks: [], committedHeight: 8 } as never);
  t.deepEqual(stage.reports, [], 'another replica was not asked, and not for a log');
  stage.say(2, { type: 'evidence', token: 1, proofs } as never);
  stage.post({ ...ask, ticket: 2, replica: 1 } as never);
  stage.post({ ...ask, ticket: 3, replica: 3 } as never);
  stage.time.advance(3000);
  t.deepEqual(stage.reports, [
    { type: 'answerEvidence', ticket: 1, proofs },
    { type: 'rejectEvidence', ticket: 2, replica: 1 },
    { type: 'rejectEvidence', ticket: 3, replica: 3 },
  ] as never);
});

test('a stopped client closes its connections, settles its questions and does nothing more', (t) => {
  const stage = ClientStage.connected();
  stage.submit('a');
  stage.post({ type: 'statusAsked', ticket: 9, withinMs: 1000 });
  stage.post({ type: 'stopRequested' });
  t.is(stage.closed.length, 4);
  t.deepEqual(
    stage.reports.map(({ type }) => type),
    ['answerStatus'],
  );
  t.is(stage.time.timersRunning, 0);
});

test('whatever the order of replies, with one liar each command is answered once and by the truth', (t) => {
  const deliveries = fc.uniqueArray(
    fc.record({ replica: fc.nat({ max: 3 }), sequence: fc.integer({ min: 1, max: 6 }), repeat: fc.nat({ max: 1 }) }),
    { minLength: 48, maxLength: 48, selector: ({ replica, sequence, repeat }) => `${replica} ${sequence} ${repeat}` },
  );
  fc.assert(
    fc.property(deliveries, fc.nat({ max: 3 }), (order, liar) => {
      const stage = ClientStage.connected();
      const tickets = stage.submit('1', '2', '3', '4', '5', '6');
      for (const { replica, sequence } of order) {
        stage.reply(replica, { [sequence]: replica === liar ? 'lie' : `truth ${sequence}` });
      }
      t.deepEqual(
        stage.takeAnswers().sort(),
        tickets.map((ticket, index) => `${ticket}=truth ${index + 1}@1`),
      );
    }),
    { numRuns: 50 },
  );
});

test('a command of a mebibyte is sent in fragments', (t) => {
  const stage = ClientStage.connected();
  const command = new Uint8Array(1_000_000).fill(7);
  stage.submit(command);
  const requests = stage.takeHeard().map(({ request }) => request);
  t.deepEqual(requests, [
    { type: 'submit', client: sessionId(0), commands: [{ sequence: asSequence(1), bytes: command }] },
  ]);
});
