import test from 'ava';
import { startThreads } from '../../src/adapters/start-threads.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import type { ActorFailure } from '../../src/runtime/supervision.js';
import { type Letter, mailboxes, share } from '../support/threads/courier.js';

const COURIER = new URL('../support/threads/courier-thread.js', import.meta.url);
const plan = (name: string, module: URL, data: unknown = null) => ({ name, module, data });

/** Couriers on two worker threads, and a desk on this one. */
async function couriers() {
  const closed = new Int32Array(new SharedArrayBuffer(12));
  const links = await startThreads(['north', 'south'].map((name) => plan(name, COURIER, { closed })));
  let failed: (failure: ActorFailure) => void = () => undefined;
  const failure = new Promise<ActorFailure>((resolve) => {
    failed = resolve;
  });
  let arrived: (letter: Letter) => void = () => undefined;
  const letter = new Promise<Letter>((resolve) => {
    arrived = resolve;
  });
  const system = share(links, { onFailure: (each) => failed(each) });
  system.add('desk', {
    behaviour: {
      receive: (each: Letter) => {
        arrived(each);
        return [];
      },
    },
    mailbox: mailboxes.desk,
  });
  system.start();
  return { system, failure, letter, closed };
}

test('a message goes from thread to thread and back, and all of them have one clock', async (t) => {
  const { system, letter } = await couriers();
  const before = systemClock();
  const body = { bytes: Buffer.from([1, 2, 3]), at: new Map([[1, 'x']]) };
  system.post('north', { type: 'letter', route: ['south', 'north'], body, seenAt: [before] });
  const arrived = await letter;
  if (arrived.type !== 'letter') return t.fail();
  const moments = [...arrived.seenAt, systemClock()];
  t.is(moments.length, 5);
  for (const [index, moment] of moments.slice(1).entries()) t.true(moment >= (moments[index] as number), `${moments}`);
  t.deepEqual(arrived.body, { bytes: new Uint8Array([1, 2, 3]), at: new Map([[1, 'x']]) });
  const counters = await system.allCounters();
  t.is(counters.north.lanes.protocol.handled, 2);
  t.is(counters.south.lanes.protocol.handled, 1);
  await system.stop();
});

test('stop closes the ports in the order of the roles, and ends the threads', async (t) => {
  const { system, closed } = await couriers();
  await system.stop();
  t.deepEqual([...closed], [2, 1, 2], 'south is before north');
});

test('an actor that throws on a worker thread fails the system with what it threw', async (t) => {
  const { system, failure } = await couriers();
  system.post('south', { type: 'misdeed', deed: 'throw' });
  const { role, error, messageType, lastMessages } = await failure;
  t.deepEqual([role, messageType, lastMessages], ['south', 'misdeed', ['misdeed { deed: "throw" }']]);
  t.like(error, { name: 'RangeError', message: 'no such street', code: 'LOST', facts: { street: 7 } });
  t.true(error instanceof Error);
  await system.stop();
});

for (const [deed, reason] of [
  ['throw outside', /nobody catches this/],
  ['exit', /exit code 3/],
] as const) {
  test(`a thread that dies of "${deed}" fails the system, and stop ends the others`, async (t) => {
    const { system, failure, closed } = await couriers();
    system.post('south', { type: 'misdeed', deed });
    const { role, error } = await failure;
    t.is(role, 'south');
    t.like(error, { code: 'THREAD_DIED', facts: { thread: 'south', roles: 'south' } });
    t.regex(String((error as Error).cause), reason);
    await system.stop();
    t.deepEqual([...closed], [1, 0, 1]);
  });
}

test('when the share of one thread cannot start, the error is its own, and the others end', async (t) => {
  const closed = new Int32Array(new SharedArrayBuffer(12));
  const broken = plan('south', new URL('../support/threads/broken-thread.js', import.meta.url));
  await t.throwsAsync(startThreads([plan('north', COURIER, { closed }), broken]), {
    name: 'ConfigurationError',
    code: 'NO_SHARE',
    message: 'there is nothing to share',
  });
});

for (const [what, module, message] of [
  [
    'cannot be loaded',
    new URL('./no-such-file.js', import.meta.url),
    /no-such-file.js of thread south cannot be loaded/,
  ],
  ['runs nothing', new URL('../support/threads/courier.js', import.meta.url), /exports no function runThread/],
] as const) {
  test(`a module that ${what} is a configuration error that names it`, async (t) => {
    await t.throwsAsync(startThreads([plan('south', module)]), { code: 'THREAD_MODULE', message });
  });
}

test('what a thread is given must be safe to clone', async (t) => {
  await t.throwsAsync(startThreads([plan('north', COURIER, { call: () => 0 })]), {
    name: 'ConfigurationError',
    code: 'THREAD_DATA',
    message: /north/,
  });
});

test('a thread has a name of its own', async (t) => {
  const right = "it must be a text that no other thread of the system has; the calling one is 'main'";
  for (const [names, named] of [
    [['north', 'north'], '"north"'],
    [['north', 'main'], '"main"'],
    [[''], '""'],
    [[undefined], 'undefined'],
  ] as const) {
    await t.throwsAsync(startThreads(names.map((name) => plan(name as string, COURIER))), {
      name: 'ConfigurationError',
      code: 'THREAD_NAME',
      message: `the name of a thread is ${named}; ${right}`,
    });
  }
});
