/** The application's side of its requests: each promise is settled once, by whatever comes first. */
import test from 'ava';
import type { PacemakerMessage } from '../../actors/pacemaker/messages.js';
import type { RequestAnswer } from '../../actors/pacemaker/requests.js';
import { PacemakerRequests } from '../../actors/pacemaker-requests.js';
import { limits } from '../../src/config/limits.js';
import { asHeight, asView, type BlockHash } from '../../src/protocol/numbers.js';

const HASH = 'ab'.repeat(32) as BlockHash;
const BLOCK = { hash: HASH, view: asView(3), height: asHeight(2) };
const CERTIFIED: RequestAnswer = { kind: 'qc', outcome: 'certified' };

/** Requests, and what the pacemaker was told of them. */
function desk() {
  const posted: PacemakerMessage[] = [];
  const requests = new PacemakerRequests((message) => posted.push(message) > 0);
  return { posted, requests };
}

test('each request is told to the pacemaker under a number of its own, and settled by the answer to that', async (t) => {
  const { posted, requests } = desk();
  const waits = [
    requests.propose('next', {}),
    requests.propose('empty', {}),
    requests.waitForQc(HASH, {}),
    requests.requestViewChange({}),
  ];
  t.deepEqual(posted, [
    { type: 'proposalRequested', request: 1, body: 'next' },
    { type: 'proposalRequested', request: 2, body: 'empty' },
    { type: 'qcAwaited', request: 3, block: HASH },
    { type: 'viewChangeRequested', request: 4 },
  ]);
  requests.answered(4, { kind: 'viewChangeRequested' });
  requests.answered(3, CERTIFIED);
  const facts = { leader: 2, view: 3 };
  requests.answered(2, { kind: 'refused', code: 'NOT_LEADING', detail: 'replica 2 leads', facts });
  requests.answered(1, { kind: 'proposed', block: BLOCK });
  const [made, refused, outcome, asked] = await Promise.allSettled(waits);
  t.deepEqual(made, { status: 'fulfilled', value: BLOCK });
  t.like(refused, { reason: { name: 'OperationalError', code: 'NOT_LEADING', message: 'replica 2 leads', facts } });
  t.deepEqual(outcome, { status: 'fulfilled', value: 'certified' });
  t.deepEqual(asked, { status: 'fulfilled', value: undefined });
});

test('an aborted request rejects at once, is cancelled, and a late answer is nobody’s', async (t) => {
  const { posted, requests } = desk();
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = requests.waitForQc(HASH, { signal });
  controller.abort(new Error('enough'));
  await t.throwsAsync(aborted, { message: 'enough' });
  t.deepEqual(posted.slice(1), [{ type: 'requestCancelled', request: 1 }]);
  requests.answered(1, CERTIFIED);
  await t.throwsAsync(requests.waitForQc(HASH, { signal }), { message: 'enough' });
  t.is(posted.length, 2, 'one that is aborted before it begins is not told');
});

test('a signal that is aborted after the answer cancels nothing', async (t) => {
  const { posted, requests } = desk();
  const controller = new AbortController();
  const wait = requests.waitForQc(HASH, { signal: controller.signal });
  requests.answered(1, CERTIFIED);
  t.is(await wait, 'certified');
  controller.abort();
  t.is(posted.length, 1);
});

test('the end of the replica rejects what is open and what comes, always with the first reason', async (t) => {
  const { posted, requests } = desk();
  const open = requests.waitForQc(HASH, {});
  requests.end(new Error('the disk is gone'));
  requests.end(new Error('and stopped'));
  await t.throwsAsync(open, { message: 'the disk is gone' });
  await t.throwsAsync(requests.propose('next', {}), { message: 'the disk is gone' });
  t.is(posted.length, 1);
});

test('so many requests may be open, and no more', async (t) => {
  const { requests } = desk();
  const open = Array.from({ length: limits.openRequests }, () => requests.waitForQc(HASH, {}));
  await t.throwsAsync(requests.waitForQc(HASH, {}), { code: 'TOO_MANY_REQUESTS' });
  requests.answered(1, CERTIFIED);
  const further = requests.waitForQc(HASH, {});
  requests.answered(limits.openRequests + 2, CERTIFIED);
  t.is(await further, 'certified');
  requests.end(new Error('over'));
  await Promise.allSettled(open);
});

test('an answer to another question is a bug of the pacemaker', async (t) => {
  const { requests } = desk();
  const wait = requests.propose('next', {});
  requests.answered(1, CERTIFIED);
  await t.throwsAsync(wait, { name: 'InvariantViolation', message: /answers proposed with qc/ });
});

test('what is no hash of a block is refused before anything is told of it', async (t) => {
  const { posted, requests } = desk();
  for (const hash of [() => undefined, Symbol('hash'), undefined, HASH.toUpperCase(), HASH.slice(1)]) {
    await t.throwsAsync(requests.waitForQc(hash as never, {}), {
      name: 'ConfigurationError',
      code: 'OPTION_OUT_OF_RANGE',
      message: /^hash is .*; it must be the hash of a block: 64 lower-case hex digits$/,
    });
  }
  t.deepEqual(posted, []);
});

test('a signal that is null is none, and what is no signal is refused before anything is told', async (t) => {
  const { posted, requests } = desk();
  const message = 'signal is "x"; it must be an AbortSignal';
  await t.throwsAsync(requests.propose('next', { signal: 'x' as never }), { code: 'OPTION_OUT_OF_RANGE', message });
  await t.throwsAsync(requests.propose('next', { sgnal: null } as never), {
    code: 'OPTION_UNKNOWN',
    message: 'propose has no option sgnal. Did you mean signal?',
  });
  t.deepEqual(posted, []);
  const waits = requests.waitForQc(HASH, { signal: null });
  requests.answered(1, CERTIFIED);
  t.is(await waits, 'certified');
});
