/** The commands that the application on a replica submits, at its gateway: a session without a connection. */
import type { SubmissionAnswer } from '../../../actors/gateway/messages.js';
import { limits } from '../../../src/config/limits.js';
import { asHeight, asSequence, type ClientId } from '../../../src/protocol/numbers.js';
import type { RefusalReason } from '../../../src/wire/client-messages.js';
import { GatewayStage, session } from '../../support/gateway-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const AGAIN_MS = limits.forwardAgainMs;
const STOP = { type: 'stopRequested' } as const;

/** A gateway whose application submits. */
class Application extends GatewayStage {
  #tickets = 0;

  submits(count = 1, bytes = 10): void {
    for (let index = 0; index < count; index += 1) {
      this.#tickets += 1;
      this.tell({ type: 'commandSubmitted', ticket: this.#tickets, bytes: new Uint8Array(bytes).fill(this.#tickets) });
    }
  }

  /** The pool has handled what was sent to it. */
  poolHandles(): void {
    const accounts = [{ account: 'application', messages: 1, units: 0 }];
    this.tell({ type: 'creditReturned', from: 'proposalGenerator', accounts });
  }

  /** The sequences of each message to the pool so far. */
  sent(): readonly (readonly number[])[] {
    return this.submitted().map(({ batch }) => batch.commands.map(({ sequence }) => Number(sequence)));
  }

  /** Of the last message to the pool. */
  get client(): ClientId {
    const last = this.submitted().at(-1);
    if (last === undefined) throw new Error('nothing was sent to the pool');
    return last.batch.client;
  }

  executes(sequences: readonly number[], height = 7, client = this.client): void {
    const replies = sequences.map((each) => ({ sequence: asSequence(each), reply: new Uint8Array([each % 256]) }));
    this.tell({ type: 'commandsExecuted', height: asHeight(height), again: false, replies: [{ client, replies }] });
  }

  withdraws(ticket: number): void {
    this.tell({ type: 'commandWithdrawn', ticket });
  }

  refuses(sequences: readonly number[], reason: RefusalReason, client = this.client): void {
    this.tell({ type: 'commandsRefused', client, reason, sequences: sequences.map(asSequence) });
  }

  /** What the application was answered, in order. */
  answered(): readonly SubmissionAnswer[] {
    return this.sentTo('replica').flatMap(({ message }) =>
      message.type === 'submissionsAnswered' ? message.answers : [],
    );
  }

  refusedTickets(reason: RefusalReason): readonly number[] {
    return this.answered().flatMap((each) => (each.kind === 'refused' && each.reason === reason ? [each.ticket] : []));
  }
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

test('a command goes to the pool in a session of its own, and its ticket is answered once it is executed', (t) => {
  const stage = new Application();
  stage.submits();
  const [sent] = stage.submitted();
  t.deepEqual(sent?.batch.commands, [{ sequence: asSequence(1), bytes: new Uint8Array(10).fill(1) }]);
  t.is(sent?.address, 'application', 'which no client’s address can be');
  t.regex(stage.client, /^[0-9a-f]{32}$/);
  t.deepEqual(stage.answered(), []);
  t.like(stage.gateway.counters(), { ownSubmitted: 1, ownUnanswered: 1 });
  stage.executes([1], 7);
  const answer = { kind: 'executed', ticket: 1, height: asHeight(7), reply: new Uint8Array([1]) } as const;
  t.deepEqual(stage.answered(), [answer]);
  t.like(stage.gateway.counters(), { ownSubmitted: 1, ownUnanswered: 0, unclaimedReplies: 0, commands: 0 });
  stage.executes([1], 9);
  t.is(stage.answered().length, 1, 'once');
});

test('one message is on its way to the pool at a time, and what is submitted meanwhile goes with the next', (t) => {
  const stage = new Application();
  stage.submits(4);
  t.deepEqual(stage.sent(), [[1]]);
  stage.poolHandles();
  t.deepEqual(stage.sent(), [[1], [2, 3, 4]]);
  stage.poolHandles();
  t.is(stage.sent().length, 2);
});

test('a message holds no more bytes than a client’s may, and one command whatever its size', (t) => {
  const stage = new Application({ clientMessageBytes: 25 });
  stage.submits(4);
  stage.submits(1, 26);
  for (let message = 0; message < 4; message += 1) stage.poolHandles();
  t.deepEqual(stage.sent(), [[1], [2, 3], [4], [5]]);
});

test('sequences in flight span what replicas remember, and not one more: further commands wait', (t) => {
  const stage = new Application();
  const window = limits.sessionWindow;
  stage.submits(window + 2);
  stage.poolHandles();
  stage.poolHandles();
  t.is(stage.sent().flat().at(-1), window);
  stage.executes(upTo(window, 2));
  t.is(stage.sent().flat().at(-1), window, 'the oldest would be too old');
  stage.executes([1]);
  t.deepEqual(stage.sent().at(-1), [window + 1, window + 2]);
});

test('replies of other sessions, and of clients with the same sequences, are not the application’s', (t) => {
  const stage = new Application();
  stage.submits();
  stage.executes([1], 7, session(99));
  stage.refuses([1], 'invalid', session(99));
  t.deepEqual(stage.answered(), []);
  t.is(stage.gateway.counters().unclaimedReplies, 1);
});

test('what the pool refuses is answered with its reason, and the others go on', (t) => {
  const stage = new Application();
  stage.submits(3);
  stage.poolHandles();
  stage.refuses([1], 'poolFull');
  stage.refuses([2], 'invalid');
  stage.executes([3]);
  t.deepEqual(
    stage.answered().map((each) => [each.ticket, each.kind === 'refused' ? each.reason : each.kind]),
    [
      [1, 'poolFull'],
      [2, 'invalid'],
      [3, 'executed'],
    ],
  );
  t.is(stage.gateway.counters().ownUnanswered, 0);
});

test('a command without an answer is sent again after the time, under its sequence, and not before', (t) => {
  const stage = new Application();
  stage.submits(2);
  stage.poolHandles();
  stage.poolHandles();
  stage.executes([1]);
  stage.advance(AGAIN_MS - 1);
  t.deepEqual(stage.sent(), [[1], [2]]);
  stage.advance(1);
  t.deepEqual(stage.sent(), [[1], [2], [2]], 'not the one that was answered');
  t.deepEqual(stage.submitted()[2]?.batch, stage.submitted()[1]?.batch);
  stage.poolHandles();
  stage.advance(AGAIN_MS);
  t.is(stage.sent().length, 4, 'and again');
  stage.poolHandles();
  stage.executes([2]);
  stage.advance(2 * AGAIN_MS);
  t.is(stage.sent().length, 4);
  t.is(stage.timers.size, 0, 'nothing wakes the gateway of an application that is silent');
});

test('the time of each command counts from when it was sent last', (t) => {
  const stage = new Application();
  stage.submits();
  stage.poolHandles();
  stage.advance(AGAIN_MS / 2);
  stage.submits();
  stage.poolHandles();
  stage.advance(AGAIN_MS / 2);
  t.deepEqual(stage.sent(), [[1], [2], [1]], 'the second one is not due');
  stage.poolHandles();
  stage.advance(AGAIN_MS);
  t.deepEqual(stage.sent().at(-1), [1, 2], 'though nothing else was sent that would have woken the gateway');
});

test('when all in flight are refused what waits goes next', (t) => {
  const stage = new Application();
  stage.submits(limits.sessionWindow + 1);
  stage.poolHandles();
  stage.poolHandles();
  stage.refuses(upTo(limits.sessionWindow), 'poolFull');
  t.deepEqual(stage.sent().at(-1), [limits.sessionWindow + 1]);
});

test('what is withdrawn before it is sent is never sent; after that it is answered as any other', (t) => {
  const stage = new Application();
  stage.submits(3);
  stage.withdraws(1);
  stage.withdraws(2);
  t.deepEqual(stage.answered(), [{ kind: 'withdrawn', ticket: 2 }]);
  stage.poolHandles();
  t.deepEqual(stage.submitted().at(-1)?.batch.commands, [
    { sequence: asSequence(2), bytes: new Uint8Array(10).fill(3) },
  ]);
  stage.executes([1, 2]);
  t.deepEqual(
    stage.answered().map(({ ticket }) => ticket),
    [2, 1, 3],
  );
  stage.withdraws(3);
  t.is(stage.answered().length, 3);
  t.is(stage.gateway.counters().ownUnanswered, 0);
});

test('what was due of a session that has ended is not sent in the next', (t) => {
  const stage = new Application();
  stage.submits(2);
  stage.poolHandles();
  stage.advance(AGAIN_MS);
  const first = stage.client;
  stage.refuses([1, 2], 'sequenceTooOld', first);
  stage.submits();
  stage.poolHandles();
  t.deepEqual(stage.sent().at(-1), [1]);
  t.is(stage.submitted().at(-1)?.batch.commands[0]?.bytes[0], 3);
});

test('a message that the pool has not handled is not sent again', (t) => {
  const stage = new Application();
  stage.submits();
  stage.advance(5 * AGAIN_MS);
  t.deepEqual(stage.sent(), [[1]]);
  stage.poolHandles();
  t.deepEqual(stage.sent(), [[1], [1]]);
});

test('where somebody made up sequences of the session, what is open is given up and a new one begins', (t) => {
  const stage = new Application();
  stage.submits(3);
  stage.poolHandles();
  stage.poolHandles();
  const first = stage.client;
  stage.executes([1]);
  stage.refuses([1], 'sequenceTooOld', first);
  t.deepEqual(stage.refusedTickets('sequenceTooOld'), [], 'an old one of its own says nothing of the kind');
  stage.refuses([2], 'sequenceTooOld', first);
  t.deepEqual(stage.refusedTickets('sequenceTooOld'), [2, 3]);
  stage.submits();
  t.not(stage.client, first);
  t.deepEqual(stage.sent().at(-1), [1]);
  stage.executes([1], 8, first);
  stage.executes([1], 9);
  t.like(stage.answered().at(-1), { ticket: 4, height: 9 });
});

test('a gateway that stops sends nothing more; what was sent is answered still, what waits is refused', (t) => {
  const stage = new Application();
  stage.submits(3);
  stage.tell(STOP);
  stage.poolHandles();
  stage.submits();
  t.deepEqual(stage.sent(), [[1]]);
  t.deepEqual(stage.refusedTickets('stopping'), [2, 3, 4]);
  t.false(stage.timers.has('ownCommands'));
  stage.executes([1]);
  t.like(stage.answered().at(-1), { kind: 'executed', ticket: 1 });
});

test('a gateway that stops does not send again what is due', (t) => {
  const stage = new Application();
  stage.submits();
  stage.advance(AGAIN_MS);
  stage.tell(STOP);
  stage.poolHandles();
  stage.advance(2 * AGAIN_MS);
  t.deepEqual(stage.sent(), [[1]]);
  t.false(stage.timers.has('ownCommands'));
});

test('the application’s commands take nothing from the credit of clients, nor return any to it', (t) => {
  const stage = new Application({ gatewayCredit: { messages: 1, bytes: 10_000 } });
  stage.submits();
  const [one, two] = [stage.connect(), stage.connect()];
  stage.submit(one, session(1), 1);
  t.is(stage.submitted().length, 2);
  stage.poolHandles();
  stage.submit(two, session(2), 1);
  t.is(stage.submitted().length, 2, 'the one message of all clients is under way');
});
