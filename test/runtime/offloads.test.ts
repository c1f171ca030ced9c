import { ActorSystem, type OffloadAnswered, type RuntimeEffect } from '../../src/runtime/index.js';
import type { OverflowPolicy } from '../../src/runtime/lane.js';
import { FakePool } from '../support/fake-pool.js';
import { onOneThread, systemOnHost, onBothHosts as test } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import { VirtualTime } from '../support/virtual-time.js';

type Work = {
  readonly double: { readonly input: { readonly of: number; readonly bytes?: Uint8Array }; readonly output: Doubled };
};
interface Doubled {
  readonly is: number;
  readonly bytes: number;
}
type Ask = { readonly type: 'ask'; readonly effects: readonly Effect[] };
type Note = { readonly type: 'note' };
type Own = Ask | Note | OffloadAnswered<Work>;
type Roles = { readonly worker: Own };
type Effect = RuntimeEffect<Roles, Own, Work>;

const double = (id: number, of: number): Effect => ({ type: 'offload', task: 'double', id, input: { of } });

function stage({ capacity = 100, overflow = 'refuse' as OverflowPolicy } = {}) {
  const time = new VirtualTime();
  // A task takes as many milliseconds as the number that it is given.
  const pool = new FakePool<Work>(time, {
    double: { costMs: ({ of }) => of, run: ({ of, bytes }) => ({ is: 2 * of, bytes: bytes?.length ?? 0 }) },
  });
  const log: string[] = [];
  const failures: unknown[] = [];
  const system = systemOnHost<Roles, Work>({
    ...time.host,
    roles: ['worker'],
    pool,
    onFailure: ({ error }) => failures.push(error),
  });
  const receive = (message: Own, { now }: { readonly now: number }): readonly Effect[] => {
    if (message.type === 'ask') return message.effects;
    if (message.type === 'note') log.push(`note@${now}`);
    else log.push(`${message.id}=${message.result.ok ? message.result.is : message.result.code}@${now}`);
    return [];
  };
  const lane = { capacity, overflow };
  system.add('worker', {
    behaviour: { receive },
    mailbox: { ...mailboxOf<Own>(capacity), lanes: { control: lane, protocol: lane, bulk: lane } },
  });
  system.start();
  const ask = (...effects: readonly Effect[]) => system.post('worker', { type: 'ask', effects });
  return { time, pool, log, failures, system, ask };
}

test('a task is answered with its id, when it is done, and not inside the turn that asked', (t) => {
  const { time, log, ask, system } = stage();
  ask(double(1, 30), double(2, 10));
  time.runUntilIdle();
  t.is(system.counters().worker.offloads, 2);
  time.advance(9);
  t.deepEqual(log, []);
  time.advance(1);
  t.deepEqual(log, ['2=20@10']);
  time.advance(1000);
  t.deepEqual(log, ['2=20@10', '1=60@30']);
  t.is(system.counters().worker.offloads, 0);
});

test('messages are handled while a task is under way', (t) => {
  const { time, log, ask, system } = stage();
  ask(double(1, 30));
  time.advance(10);
  system.post('worker', { type: 'note' });
  time.advance(30);
  t.deepEqual(log, ['note@10', '1=60@30']);
});

test('a task that was not done is answered with why', (t) => {
  const { time, log, ask, pool } = stage();
  pool.failing = 'POOL_THREAD_DIED';
  ask(double(1, 5));
  time.advance(5);
  t.deepEqual(log, ['1=POOL_THREAD_DIED@5']);
});

test('what is transferred is given up by the actor, and arrives whole', (t) => {
  const { time, log, ask } = stage();
  const bytes = new Uint8Array(1000);
  ask({ type: 'offload', task: 'double', id: 1, input: { of: 1, bytes }, transfer: [bytes.buffer] });
  time.runUntilIdle();
  t.is(bytes.length, 0);
  time.advance(1);
  t.deepEqual(log, ['1=2@1']);
});

for (const overflow of ['refuse', 'holdBack', 'dropOldest'] as const) {
  onOneThread(`an answer that finds no room, or is dropped to make some, comes when there is (${overflow})`, (t) => {
    const { time, pool, log, ask, system } = stage({ capacity: 2, overflow });
    ask(double(1, 1), double(2, 1), double(3, 1));
    time.runUntilIdle();
    system.post('worker', { type: 'note' });
    pool.endAll();
    system.post('worker', { type: 'note' });
    t.is(system.counters().worker.offloads, 2);
    time.runUntilIdle();
    t.deepEqual(log.filter((line) => line !== 'note@0').sort(), ['1=2@0', '2=2@0', '3=2@0']);
    t.is(system.counters().worker.offloads, 0);
  });
}

test('after a stop no answer arrives, and the stop waits for none', async (t) => {
  const { time, log, ask, system, failures } = stage();
  ask(double(1, 30));
  time.runUntilIdle();
  await system.stop();
  time.advance(100);
  t.deepEqual(log, []);
  t.deepEqual(failures, []);
});

onOneThread('a task of a system without a pool is a bug of its actor', (t) => {
  const time = new VirtualTime();
  const failures: string[] = [];
  const system = new ActorSystem<Roles, Work>({
    ...time.host,
    roles: ['worker'],
    onFailure: ({ error }) => failures.push(String(error)),
  });
  const receive = (): readonly Effect[] => [double(1, 1)];
  system.add('worker', { behaviour: { receive }, mailbox: mailboxOf<Own>(10) }).start();
  system.post('worker', { type: 'note' });
  time.runUntilIdle();
  t.deepEqual(failures, ['InvariantViolation: task double is offloaded, and the system has no pool']);
});
