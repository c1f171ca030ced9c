/** What a system that spans threads promises beyond what every test on both hosts shows. */
import test from 'ava';
import fc from 'fast-check';
import { ConfigurationError } from '../../src/errors.js';
import type { Batch } from '../../src/runtime/link.js';
import { acrossThreads } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import {
  laneOfStep,
  note,
  perform,
  recorder,
  type ScriptedOptions,
  type Step,
  type StepEffect,
  type StepRoles,
  scriptedSystem,
  send,
  sendAll,
} from '../support/scripted-system.js';
import type { SpanningSystem } from '../support/spanning-system.js';

/** The scripted actors, each on a thread of its own; `c` is on the one that owns the system. */
function spanning(options: ScriptedOptions = {}) {
  const parts = acrossThreads(() => scriptedSystem(options));
  const system = parts.system as SpanningSystem<StepRoles>;
  const batches = (): Batch[] =>
    system.links.flatMap(({ posted }) => posted).flatMap((message) => (message.type === 'batch' ? [message] : []));
  return { ...parts, system, batches };
}

const holdBack = (capacity: number) => mailboxOf<Step>(capacity, 'holdBack', laneOfStep);
const handledBy = (log: readonly string[], role: string) =>
  log.filter((entry) => entry.startsWith(`${role}:`)).map((entry) => entry.slice(2));

test('all that one drain sends to a thread crosses in one batch, whoever sent it and to which lane', (t) => {
  const { system, time, batches, log } = spanning();
  system.post('a', perform(...sendAll('b', [1, 2, 3]), send('b', note(4, 'control'))));
  system.post('a', perform(...sendAll('b', [5])));
  system.start();
  time.runUntilIdle();
  const sending = batches().filter(({ parcels }) => parcels.length > 0);
  t.is(sending.length, 1);
  t.deepEqual(
    sending[0]?.parcels.map(({ to, lane, messages }) => [to, lane, messages.length]),
    [
      ['b', 'control', 1],
      ['b', 'protocol', 4],
    ],
  );
  t.deepEqual(handledBy(log, 'b'), ['4', '1', '2', '3', '5']);
});

test('what did not cross yet is sent before its lane is full, so that a drain of many turns meets no policy', (t) => {
  const { system, log } = spanning({
    turnBudget: { messages: 1, milliseconds: 9 },
    mailboxes: { b: mailboxOf<Step>(8, 'refuse', laneOfStep) },
  });
  for (let first = 0; first < 16; first += 4)
    system.post(
      'a',
      perform(
        ...sendAll(
          'b',
          [0, 1, 2, 3].map((id) => first + id),
        ),
      ),
    );
  system.start();
  // a's whole drain comes before b gets any turn: eight are on their way and eight wait.
  system.runUntilIdle();
  t.is(handledBy(log, 'b').length, 16);
  t.is(system.counters().b.lanes.protocol.refused, 0);
});

test('a lane takes as many messages as its capacity, as many wait at the sender, and the next one holds it back', (t) => {
  const { system, log } = spanning({ mailboxes: { b: holdBack(3) } });
  system.post('a', perform(...sendAll('b', [1, 2, 3, 4, 5, 6, 7]), { type: 'perform', id: 8 }));
  system.start();
  system.on('a').runUntilIdle();
  t.true(system.counters().a.heldBack);
  t.is(messagesOnTheWay(system), 3, 'nothing more crosses');
  t.deepEqual(log, ['a:do']);
  system.runUntilIdle();
  t.false(system.counters().a.heldBack);
  t.deepEqual(handledBy(log, 'b'), ['1', '2', '3', '4', '5', '6', '7']);
  t.true(log.includes('a!8'));
  t.is(system.counters().b.lanes.protocol.heldBack, 2, 'the lane that was full counts it: at three and at six');
});

test('refused at the sender: its credit comes back at once, and the lane that was full counts it', (t) => {
  const { events, inspect } = recorder();
  const { system, returns } = spanning({ inspect, mailboxes: { b: mailboxOf<Step>(2, 'refuse', laneOfStep) } });
  system.post('a', perform(...[1, 2, 3].map((id) => send('b', note(id), id))));
  system.start();
  system.runUntilIdle();
  t.is(system.counters().b.lanes.protocol.refused, 1);
  t.like(
    events.find(({ type }) => type === 'refused'),
    { role: 'b', from: 'a', message: note(3) },
  );
  t.deepEqual(
    returns.flatMap(({ to, returned }) => returned.accounts.map(({ units }) => `${to} ${units}`)),
    ['a 3', 'a 3'],
  );
});

test('a window that is half used up without other news is told by itself, and then there is quiet', (t) => {
  const { system, time, batches } = spanning({ mailboxes: { b: holdBack(4) } });
  system.start();
  system.post('a', perform(...sendAll('b', [1])));
  time.runUntilIdle();
  t.is(batches().length, 1, 'one of four places is not worth a batch');
  system.post('a', perform(...sendAll('b', [2])));
  time.runUntilIdle();
  t.deepEqual(
    batches().map(({ places }) => places.map(({ count }) => count)),
    [[], [], [2]],
  );
});

const traffic = fc.array(
  fc.record({
    from: fc.constantFrom('a' as const, 'b' as const),
    to: fc.constantFrom('a' as const, 'b' as const, 'c' as const),
    count: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 12 },
);

test('property: neither the way nor the other thread ever holds more than the lane of a thread that does nothing', (t) => {
  fc.assert(
    fc.property(traffic, fc.integer({ min: 1, max: 4 }), (work, capacity) => {
      const { system, failures } = spanning({ mailboxes: { c: holdBack(capacity) } });
      system.start();
      let sent = 0;
      for (const { from, count } of work) {
        sent += count;
        system.post(
          from,
          perform(
            ...sendAll(
              'c',
              Array.from({ length: count }, (_, id) => id),
            ),
          ),
        );
        system.on('a').runUntilIdle();
        system.on('b').runUntilIdle();
      }
      t.true(messagesOnTheWay(system) <= 2 * capacity, 'as many of each of two threads');
      system.runUntilIdle();
      t.is(system.counters().c.lanes.protocol.handled, sent);
      t.true(system.counters().c.lanes.protocol.highWater <= capacity);
      t.deepEqual(failures, []);
    }),
  );
});

test('property: a system that comes to rest with somebody held back has failed with a ring, and no other has', (t) => {
  let rings = 0;
  fc.assert(
    fc.property(traffic, fc.integer({ min: 1, max: 3 }), (work, capacity) => {
      const mailbox = mailboxOf<Step>(capacity, 'holdBack', (step) => (step.type === 'do' ? 'bulk' : 'protocol'));
      const { system, failures } = spanning({
        mailboxes: {
          a: { ...mailbox, lanes: { ...mailbox.lanes, bulk: { capacity: 99, overflow: 'refuse' } } },
          b: { ...mailbox, lanes: { ...mailbox.lanes, bulk: { capacity: 99, overflow: 'refuse' } } },
          c: mailbox,
        },
      });
      system.start();
      for (const { from, to, count } of work) {
        // To itself it would be a ring on one thread.
        const target = to === from ? 'c' : to;
        system.post(
          from,
          perform(
            ...sendAll(
              target,
              Array.from({ length: count }, (_, id) => id),
            ),
          ),
        );
      }
      system.runUntilIdle();
      const stuck = (['a', 'b', 'c'] as const).filter((role) => system.counters()[role].heldBack);
      t.is(failures.length, stuck.length > 0 ? 1 : 0, `stuck: ${stuck}`);
      if (failures.length > 0) t.regex(String(failures[0]?.error), /hold each other back, across threads/);
      rings += failures.length;
    }),
    { numRuns: 500, seed: 7 },
  );
  t.true(rings > 10, `${rings} rings were seen`);
});

/** a waits for b, b for c, c for a; but c has handled a message of b's just before, and its place is on its way to b. */
function almostRing() {
  const parts = spanning({ mailboxes: { a: holdBack(1), b: holdBack(1), c: holdBack(1) } });
  const { system } = parts;
  system.start();
  system.post('b', perform(send('c', perform(...sendAll('a', [1, 2, 3]))), ...sendAll('c', [4, 5])));
  system.on('b').runUntilIdle();
  system.post('a', perform(...sendAll('b', [6, 7, 8])));
  system.on('a').runUntilIdle();
  arrive(system, 'b', 'c');
  system.on('c').runUntilIdle();
  return parts;
}

const ROUND = [
  ['c', 'a'],
  ['a', 'b'],
  ['b', 'c'],
] as const;

for (const seen of [false, true]) {
  const where = seen ? 'has come back and is not used yet' : 'is on its way back';
  test(`a place that ${where} makes no ring, though everybody is held back at that moment`, (t) => {
    const { system, log, failures } = almostRing();
    for (const role of ['a', 'b', 'c'] as const) t.true(system.counters()[role].heldBack, role);
    if (seen) arrive(system, 'c', 'b');
    for (const [from, to] of [...ROUND, ...ROUND]) {
      arrive(system, from, to);
      system.on(to).runUntilIdle();
    }
    system.runUntilIdle();
    t.deepEqual(failures, []);
    t.deepEqual(handledBy(log, 'c'), ['do', '4', '5']);
    t.deepEqual(handledBy(log, 'a'), ['do', '1', '2', '3']);
  });
}

test('a ring is found though a place had not been told of that was not worth a batch', (t) => {
  const { system, failures } = spanning({ mailboxes: { a: holdBack(4), b: holdBack(4), c: holdBack(4) } });
  system.start();
  system.post('a', perform(send('b', note(0))));
  system.runUntilIdle();
  const many = Array.from({ length: 20 }, (_, id) => id);
  system.post('a', perform(...sendAll('b', many)));
  system.post('b', perform(...sendAll('c', many)));
  system.post('c', perform(...sendAll('a', many)));
  system.runUntilIdle();
  t.regex(String(failures[0]?.error), /hold each other back, across threads/);
});

test('an error crosses with its name, code, facts, message and causes, its actor and last messages', (t) => {
  const cause = new Error('the disk is gone');
  const error = Object.assign(new ConfigurationError('NO_DISK', 'no disk', { path: '/d', left: 0 }), { cause });
  const { system, time, failures } = spanning({
    onPerform: () => {
      throw error;
    },
  });
  system.post('b', perform({ type: 'perform', id: 1 }));
  system.start();
  time.runUntilIdle();
  t.like(failures[0], { role: 'b', messageType: 'do', lastMessages: ['do { effects: 1 items }'] });
  const crossed = failures[0]?.error as ConfigurationError;
  t.true(crossed instanceof ConfigurationError, 'an error of ours is in its class again');
  t.not(crossed, error);
  t.like(crossed, { name: 'ConfigurationError', code: 'NO_DISK', message: 'no disk', facts: { path: '/d', left: 0 } });
  t.like(crossed.cause, { name: 'Error', message: 'the disk is gone' });
});

test('after a failure on one thread no other handles anything, once it has heard of it', (t) => {
  const { system, time, log, failures } = spanning();
  system.post('b', { type: 'throw' });
  system.start();
  time.runUntilIdle();
  t.is(failures.length, 1);
  for (const role of ['a', 'b', 'c'] as const) t.false(system.post(role, note(1)));
  time.advance(100);
  t.deepEqual(log, ['b:throw']);
});

test('what cannot be cloned is charged to its sender, though others sent in the same batch', (t) => {
  const { system, time, failures } = spanning();
  system.post('a', perform(send('b', note(1)), send('b', { type: 'note', id: 2, call: () => 0 } as never)));
  system.start();
  time.runUntilIdle();
  t.like(failures, [{ role: 'a', messageType: 'do' }]);
  t.regex(String(failures[0]?.error), /note to b must be safe to clone/);
});

test('from outside, what cannot be cloned is found when it is posted', (t) => {
  const { system, time, failures } = spanning();
  system.start();
  t.false(system.on('c').post('b', { type: 'note', id: 1, call: () => 0 } as never));
  time.runUntilIdle();
  t.like(failures, [{ role: 'b', messageType: 'note' }]);
});

test('from outside a message is posted to a role of another thread as to one of this', (t) => {
  const { system, time, log } = spanning({ mailboxes: { b: holdBack(2) } });
  system.start();
  t.deepEqual(
    [1, 2, 3].map((id) => system.on('c').post('b', note(id))),
    [true, true, false],
  );
  time.runUntilIdle();
  t.deepEqual(log, ['b:1', 'b:2']);
  t.is(system.counters().b.lanes.protocol.refused, 1);
});

test('a thread that dies is a failure that names it, its roles and why', async (t) => {
  const { system, time, failures, log } = spanning();
  system.start();
  const toB = system.links.find(({ thread }) => thread === 'b');
  toB?.lose(new Error('out of memory'));
  time.runUntilIdle();
  t.like(failures, [{ role: 'b', messageType: '' }]);
  t.like(failures[0]?.error, {
    name: 'OperationalError',
    code: 'THREAD_DIED',
    facts: { thread: 'b', roles: 'b' },
    cause: { message: 'out of memory' },
  });
  t.deepEqual(Object.keys(await answered(system, system.on('c').allCounters())).sort(), ['a', 'c']);
  await system.stop();
  t.deepEqual(log, ['c closed', 'a closed'], 'its ports are gone with it');
});

test('no port is closed before all threads have stopped handling', async (t) => {
  const halted: boolean[] = [];
  const { system } = spanning({
    onClose: () => {
      halted.push(...(['a', 'b', 'c'] as const).map((role) => !system.post(role, note(1))));
    },
  });
  system.start();
  await system.stop();
  t.deepEqual(halted, Array(9).fill(true));
});

test('stop ends the ways to all threads, and a port that fails to close on one is named', async (t) => {
  const { system, log } = spanning({
    onClose: (role) => {
      if (role === 'a') throw new Error('a will not close');
    },
  });
  system.start();
  const error = await t.throwsAsync(system.stop(), { name: 'AggregateError', message: /a will not close/ });
  t.like((error as AggregateError).errors, [{ name: 'Error', message: 'a will not close' }]);
  t.deepEqual(log, ['c closed', 'b closed']);
  t.true(
    system.links
      .filter(({ thread }) => thread !== 'c')
      .slice(0, 2)
      .every(({ closed }) => closed),
  );
});

test('the counters of all threads are there for the asking', async (t) => {
  const { system, time } = spanning();
  system.start();
  system.post('b', note(1));
  time.runUntilIdle();
  const counters = await answered(system, system.on('c').allCounters());
  t.deepEqual(Object.keys(counters).sort(), ['a', 'b', 'c']);
  t.is(counters.b.lanes.protocol.handled, 1);
  t.deepEqual(Object.keys(system.on('c').counters()), ['c']);
});

test('inspection events cross only to who asked for them', (t) => {
  const work = (options: ScriptedOptions) => {
    const { system, time, batches } = spanning(options);
    system.start();
    system.post('a', perform(...sendAll('b', [1])));
    time.runUntilIdle();
    return batches().flatMap(({ shown }) => shown.map((event) => event.type === 'handled' && event.role));
  };
  t.deepEqual(work({}), []);
  t.deepEqual(work({ inspect: () => undefined }), ['a', 'b']);
});

test('events that come faster than they are seen are counted as missed, not kept', (t) => {
  const { events, inspect } = recorder();
  const { system } = spanning({ inspect, mailboxes: { a: mailboxOf<Step>(10_000, 'refuse', laneOfStep) } });
  system.start();
  const burst = () => {
    for (let id = 0; id < 5000; id += 1) system.post('a', note(id));
    system.on('a').runUntilIdle();
  };
  burst();
  system.runUntilIdle();
  t.is(events.length, 4096);
  system.post('c', perform(send('a', note(1))));
  system.runUntilIdle();
  t.like(events.at(-2), { type: 'missed', events: 904 });
  t.like(events.at(-1), { type: 'handled', role: 'a' });
});

test('a role is on one thread, and is connected to before the start', (t) => {
  const { system } = spanning();
  const [link] = system.links;
  if (link === undefined) return t.fail();
  t.throws(() => system.on('c').connect(link, { b: holdBack(1) }), { code: 'ACTOR_ROLE', message: /b .*twice/ });
  system.start();
  t.throws(() => system.on('c').connect(link, { a: holdBack(1) }), { code: 'ACTOR_ROLE', message: /after start/ });
});

test('a timer is kept by the thread of its actor', (t) => {
  const { system, time, batches, log } = spanning();
  const timer: StepEffect = { type: 'startTimer', timer: 'beat', delayMs: 5, message: note(1) };
  system.post('b', perform(timer));
  system.start();
  time.advance(5);
  t.deepEqual(log, ['b:do', 'b:1']);
  t.deepEqual(batches(), []);
});

/** Hands over all that one thread has posted to another. */
function arrive({ links }: SpanningSystem<StepRoles>, from: string, to: string): void {
  const end = links.find(({ thread, other }) => thread === from && other?.thread === to);
  while (end?.deliverNext());
}

function messagesOnTheWay({ links }: SpanningSystem<StepRoles>): number {
  const waiting = links
    .flatMap(({ inbox }) => inbox)
    .flatMap((message) => (message.type === 'batch' ? message.parcels : []));
  return waiting.reduce((sum, { messages }) => sum + messages.length, 0);
}

/** Lets what crosses arrive until `promise` has an answer. */
async function answered<T>(system: SpanningSystem<StepRoles>, promise: Promise<T>): Promise<T> {
  system.runUntilIdle();
  return promise;
}
