/** The application's side of the commands that it submits on its replica: each promise is settled once. */
import { runInNewContext } from 'node:vm';
import test from 'ava';
import type { GatewayMessage } from '../../actors/gateway/messages.js';
import { Submissions } from '../../actors/submissions.js';
import { limits } from '../../src/config/limits.js';
import { asHeight } from '../../src/protocol/numbers.js';
import type { RefusalReason } from '../../src/wire/client-messages.js';

type Submitted = Extract<GatewayMessage, { type: 'commandSubmitted' }>;

/** Submissions, and what the gateway was told of them. */
function desk({ speculative = false, takes = true } = {}) {
  const posted: Submitted[] = [];
  const post = (message: GatewayMessage) => takes && posted.push(message as Submitted) > 0;
  return { posted, submissions: new Submissions({ post, speculative }) };
}

const executed = (ticket: number, reply = new Uint8Array([ticket])) =>
  ({ kind: 'executed', ticket, height: asHeight(5), reply }) as const;
const bytes = (length = 3) => new Uint8Array(length);

test('each command is told to the gateway under a ticket of its own, and settled by the answer to that', async (t) => {
  const { posted, submissions } = desk();
  const [one, two] = [submissions.submit(bytes(1), {}), submissions.submit(bytes(2), {})];
  t.deepEqual(
    posted.map(({ ticket, bytes: { length } }) => [ticket, length]),
    [
      [1, 1],
      [2, 2],
    ],
  );
  submissions.answered([executed(2), executed(1)]);
  t.deepEqual(await one, { result: new Uint8Array([1]), height: asHeight(5) });
  t.deepEqual(await two, { result: new Uint8Array([2]), height: asHeight(5) });
});

test('what is aborted is withdrawn at the gateway, and gives its place back when that says so', async (t) => {
  const { posted, submissions } = desk();
  const aborter = new AbortController();
  const aborted = Array.from({ length: limits.openSubmissions }, () =>
    submissions.submit(bytes(), { signal: aborter.signal }),
  );
  aborter.abort(new Error('enough'));
  for (const result of await Promise.allSettled(aborted)) t.is(result.status, 'rejected');
  const withdrawn = posted.slice(limits.openSubmissions).map(({ type, ticket }) => [type, ticket]);
  t.is(withdrawn.length, limits.openSubmissions);
  t.deepEqual(withdrawn[0], ['commandWithdrawn', 1]);
  await t.throwsAsync(submissions.submit(bytes(), {}), { code: 'TOO_MANY_COMMANDS' } as object);
  submissions.answered([{ kind: 'withdrawn', ticket: 1 }]);
  const next = submissions.submit(bytes(), {});
  submissions.answered([executed(limits.openSubmissions + 1)]);
  t.deepEqual((await next).height, asHeight(5));
});

test('a signal that is null is none, and what is no signal is refused before anything is told', async (t) => {
  const { posted, submissions } = desk();
  for (const options of [{ signal: 'x' }, { signal: {} }, { signl: null }, null]) {
    const code = options !== null && 'signl' in options ? 'OPTION_UNKNOWN' : 'OPTION_OUT_OF_RANGE';
    await t.throwsAsync(submissions.submit(bytes(), options as never), { name: 'ConfigurationError', code });
  }
  t.deepEqual(posted, []);
  const result = submissions.submit(bytes(), { signal: null });
  submissions.answered([executed(1)]);
  t.is((await result).height, asHeight(5));
});

test('what is settled is withdrawn no longer', async (t) => {
  const { posted, submissions } = desk();
  const aborter = new AbortController();
  const result = submissions.submit(bytes(), { signal: aborter.signal });
  submissions.answered([executed(1)]);
  await result;
  aborter.abort();
  t.is(posted.length, 1);
});

test('a Uint8Array of another realm is a command', async (t) => {
  const { posted, submissions } = desk();
  const result = submissions.submit(runInNewContext('Uint8Array.of(1, 2)'), {});
  t.deepEqual(posted[0]?.bytes, Uint8Array.of(1, 2));
  submissions.answered([executed(1)]);
  t.is((await result).height, asHeight(5));
});

test('neither the caller’s bytes nor the replica’s are shared', async (t) => {
  const { posted, submissions } = desk();
  const command = Buffer.from('abc');
  const result = submissions.submit(command, {});
  command.fill(0);
  t.deepEqual(posted[0]?.bytes, new TextEncoder().encode('abc'));
  const reply = Buffer.from('ok');
  submissions.answered([executed(1, reply)]);
  (await result).result.fill(0);
  t.is(reply.toString(), 'ok');
});

test('what can be no command is refused before anything is told, with the thing, its value and what is right', async (t) => {
  const { posted, submissions } = desk();
  for (const [value, is] of [
    ['text', 'of type string'],
    [undefined, 'of type undefined'],
    [null, 'null'],
    [[1], 'an array'],
    [new Uint16Array(1), 'of type object'],
  ] as const) {
    await t.throwsAsync(submissions.submit(value as unknown as Uint8Array, {}), {
      name: 'ConfigurationError',
      code: 'COMMAND_NOT_BYTES',
      message: `a command is ${is}; it must be a Uint8Array`,
    });
  }
  const most = limits.commandBytes;
  const error = await t.throwsAsync(submissions.submit(bytes(most + 1), {}), { code: 'COMMAND_TOO_LARGE' });
  t.is(error?.message, `a command has ${most + 1} bytes; at most ${most} are allowed`);
  t.deepEqual(posted, []);
  const largest = submissions.submit(bytes(most), {});
  submissions.answered([executed(1)]);
  t.is((await largest).height, asHeight(5));
});

test('a replica whose machine speculates takes no command, and says what takes it', async (t) => {
  const { posted, submissions } = desk({ speculative: true });
  const error = await t.throwsAsync(submissions.submit(bytes(), {}), {
    name: 'ConfigurationError',
    code: 'MACHINE_SPECULATIVE',
  });
  t.regex(`${error?.message}`, /hand the command to the machine, whose next propose\(\)/);
  t.deepEqual(posted, []);
});

for (const [reason, code] of [
  ['poolFull', 'POOL_FULL'],
  ['stopping', 'REPLICA_STOPPED'],
  ['invalid', 'COMMAND_REFUSED'],
  ['sequenceTooOld', 'COMMAND_REFUSED'],
  ['tooLarge', 'COMMAND_REFUSED'],
] as const satisfies readonly (readonly [RefusalReason, string])[]) {
  test(`a command refused as ${reason} rejects with ${code}`, async (t) => {
    const { submissions } = desk();
    const refused = submissions.submit(bytes(), {});
    submissions.answered([{ kind: 'refused', ticket: 1, reason }]);
    const facts = code === 'COMMAND_REFUSED' ? { reason } : {};
    t.like(await t.throwsAsync(refused), { name: 'OperationalError', code, facts });
  });
}

test('an aborted command rejects at once with the reason, and its late answer is nobody’s', async (t) => {
  const { posted, submissions } = desk();
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = submissions.submit(bytes(), { signal });
  controller.abort(new Error('enough'));
  await t.throwsAsync(aborted, { message: 'enough' });
  submissions.answered([executed(1)]);
  await t.throwsAsync(submissions.submit(bytes(), { signal }), { message: 'enough' });
  t.deepEqual(
    posted.map(({ type }) => type),
    ['commandSubmitted', 'commandWithdrawn'],
    'one that is aborted before it begins is not told',
  );
});

test('a signal that is aborted after the answer changes nothing', async (t) => {
  const { submissions } = desk();
  const controller = new AbortController();
  const answered = submissions.submit(bytes(), { signal: controller.signal });
  submissions.answered([executed(1)]);
  controller.abort(new Error('enough'));
  t.is((await answered).height, asHeight(5));
});

test('so many commands may wait and not one more, aborted ones too; an answer makes room', async (t) => {
  const { posted, submissions } = desk();
  const controller = new AbortController();
  const aborted = submissions.submit(bytes(), { signal: controller.signal });
  controller.abort(new Error('enough'));
  await t.throwsAsync(aborted);
  const waits = Array.from({ length: limits.openSubmissions - 1 }, () => submissions.submit(bytes(), {}));
  await t.throwsAsync(submissions.submit(bytes(), {}), { name: 'OperationalError', code: 'TOO_MANY_COMMANDS' });
  submissions.answered([executed(1)]);
  waits.push(submissions.submit(bytes(), {}));
  await t.throwsAsync(submissions.submit(bytes(), {}), { code: 'TOO_MANY_COMMANDS' });
  submissions.answered(posted.map(({ ticket }) => executed(ticket)));
  t.is((await Promise.all(waits)).length, limits.openSubmissions);
});

test('so many bytes may wait and not one more; an answer makes room', async (t) => {
  const { posted, submissions } = desk();
  const most = limits.openSubmissionBytes / limits.commandBytes;
  const waits = Array.from({ length: most }, () => submissions.submit(bytes(limits.commandBytes), {}));
  await t.throwsAsync(submissions.submit(bytes(1), {}), { code: 'TOO_MANY_COMMANDS' });
  submissions.answered([executed(1)]);
  waits.push(submissions.submit(bytes(1), {}));
  submissions.answered(posted.map(({ ticket }) => executed(ticket)));
  t.is((await Promise.all(waits)).length, most + 1);
});

test('a command that the gateway could not be told rejects and takes no room', async (t) => {
  const { submissions } = desk({ takes: false });
  for (let count = 0; count <= limits.openSubmissions; count += 1) {
    const error = await submissions.submit(bytes(), {}).catch((thrown: Error & { code: string }) => thrown);
    if (!('code' in error) || error.code !== 'TOO_MANY_COMMANDS') return t.fail(`attempt ${count}: ${String(error)}`);
  }
  t.pass('each was refused for the same reason');
});

test('while a replica stops nothing new is taken, and what is open waits for its answer or the end', async (t) => {
  const { posted, submissions } = desk();
  const [answered, lost] = [submissions.submit(bytes(), {}), submissions.submit(bytes(), {})];
  submissions.refuse(new Error('stopping'));
  await t.throwsAsync(submissions.submit(bytes(), {}), { message: 'stopping' });
  submissions.answered([executed(1)]);
  t.is((await answered).height, asHeight(5));
  submissions.end(new Error('stopped'));
  await t.throwsAsync(lost, { message: 'stopped' });
  await t.throwsAsync(submissions.submit(bytes(), {}), { message: 'stopped' });
  t.is(posted.length, 2);
});
