import type { OverflowPolicy } from '../../src/runtime/lane.js';
import { onOneThread, onBothHosts as test } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import { laneOfStep, note, perform, type Step, type StepEffect, scriptedSystem } from '../support/scripted-system.js';

const start = (timer: string, delayMs: number, message: Step): StepEffect => ({
  type: 'startTimer',
  timer,
  delayMs,
  message,
});
const cancel = (timer: string): StepEffect => ({ type: 'cancelTimer', timer });

test('a timer posts its message to its own actor when the delay is over, not before, and once', (t) => {
  const { system, time, log } = scriptedSystem();
  system.post('a', perform(start('view', 100, note(1))));
  system.start();
  time.advance(99);
  t.deepEqual(log, ['a:do']);
  time.advance(1);
  t.deepEqual(log, ['a:do', 'a:1']);
  time.advance(1000);
  t.deepEqual(log, ['a:do', 'a:1']);
});

test('a behaviour is told the moment at which its timer fired', (t) => {
  const moments: number[] = [];
  const { system, time } = scriptedSystem({ onNote: (_role, _id, now) => moments.push(now) });
  system.post('a', perform(start('view', 100, note(1))));
  system.start();
  time.advance(250);
  t.deepEqual(moments, [100]);
});

test('starting a timer that runs replaces it', (t) => {
  const { system, time, log } = scriptedSystem();
  system.post('a', perform(start('view', 100, note(1))));
  system.start();
  time.advance(60);
  system.post('a', perform(start('view', 100, note(2))));
  time.advance(60);
  t.deepEqual(log, ['a:do', 'a:do']);
  time.advance(40);
  t.deepEqual(log, ['a:do', 'a:do', 'a:2']);
  t.is(time.timersRunning, 0);
});

onOneThread('timers of different names and of different actors do not touch each other', (t) => {
  const { system, time, log } = scriptedSystem();
  system.post('a', perform(start('view', 10, note(1)), start('resend', 20, note(2)), cancel('view')));
  system.post('b', perform(start('view', 30, note(3))));
  system.start();
  time.advance(100);
  t.deepEqual(log, ['a:do', 'b:do', 'a:2', 'b:3']);
});

test('a cancelled timer is gone from the host, and cancelling one that does not run is no error', (t) => {
  const { system, time, log, failures } = scriptedSystem();
  system.post('a', perform(start('view', 100, note(1)), cancel('view'), cancel('view'), cancel('never started')));
  system.start();
  time.runUntilIdle();
  t.is(time.timersRunning, 0);
  time.advance(200);
  t.deepEqual(log, ['a:do']);
  t.deepEqual(failures, []);
});

/** Timer `view` has fired, but its message stands in the mailbox behind the step. */
function firedBehind(step: Step) {
  const runs: (() => void)[] = [];
  const parts = scriptedSystem({ schedule: (run) => runs.push(run) });
  parts.system.post('a', perform(start('view', 100, note(1))));
  parts.system.start();
  parts.system.runUntilIdle();
  parts.system.post('a', step);
  parts.time.advance(100);
  parts.system.runUntilIdle();
  return parts;
}

test('a timer cancelled after it fired, but before its message was handled, never arrives', (t) => {
  const { log, system } = firedBehind(perform(cancel('view')));
  t.deepEqual(log, ['a:do', 'a:do']);
  t.like(system.counters().a.lanes.protocol, { depth: 0, handled: 2 });
});

test('a timer replaced after it fired arrives only as the new one', (t) => {
  const { log, time, system } = firedBehind(perform(start('view', 50, note(2))));
  t.deepEqual(log, ['a:do', 'a:do']);
  time.advance(50);
  system.runUntilIdle();
  t.deepEqual(log, ['a:do', 'a:do', 'a:2']);
});

test('a timer may start itself again from its own message', (t) => {
  const { system, time, log } = scriptedSystem();
  system.post('a', perform(start('beat', 10, perform(start('beat', 10, note(1))))));
  system.start();
  time.advance(20);
  t.deepEqual(log, ['a:do', 'a:do', 'a:1']);
});

for (const overflow of ['refuse', 'dropOldest', 'holdBack'] satisfies OverflowPolicy[]) {
  test(`${overflow}: a timer that fires into a full lane waits for room and is not lost`, (t) => {
    const runs: (() => void)[] = [];
    const { system, time, log } = scriptedSystem({
      mailboxes: { a: mailboxOf<Step>(1, overflow, laneOfStep) },
      schedule: (run) => runs.push(run),
    });
    system.post('a', perform(start('view', 100, note(1)), start('resend', 100, note(2))));
    system.start();
    system.runUntilIdle();
    system.post('a', note(3));
    time.advance(100);
    system.runUntilIdle();
    t.deepEqual(log, ['a:do', 'a:3', 'a:1', 'a:2']);
    t.like(system.counters().a.lanes.protocol, { refused: 0, dropped: 0, highWater: 1 });
  });
}

test('a timer cancelled while it waits for room never arrives', (t) => {
  const runs: (() => void)[] = [];
  const { system, time, log } = scriptedSystem({
    mailboxes: { a: mailboxOf<Step>(1, 'refuse', laneOfStep) },
    schedule: (run) => runs.push(run),
  });
  system.post('a', perform(start('view', 100, note(1))));
  system.start();
  system.runUntilIdle();
  system.post('a', perform(cancel('view')));
  time.advance(100);
  system.runUntilIdle();
  t.deepEqual(log, ['a:do', 'a:do']);
  t.like(
    system.counters().a,
    { timers: 0, lanes: { protocol: { accepted: 2, depth: 0 } } },
    'it takes no place either',
  );
});

test('a timer message that a dropOldest lane dropped comes again when there is room', (t) => {
  const runs: (() => void)[] = [];
  const { system, time, log } = scriptedSystem({
    mailboxes: { a: mailboxOf<Step>(1, 'dropOldest', laneOfStep) },
    schedule: (run) => runs.push(run),
  });
  system.post('a', perform(start('view', 100, note(1))));
  system.start();
  system.runUntilIdle();
  time.advance(100);
  system.post('a', note(2));
  system.runUntilIdle();
  t.deepEqual(log, ['a:do', 'a:2', 'a:1']);
});

test('a cancelled timer whose message a dropOldest lane dropped stays away', (t) => {
  const runs: (() => void)[] = [];
  const { system, time, log } = scriptedSystem({
    mailboxes: { a: mailboxOf<Step>(2, 'dropOldest', laneOfStep) },
    schedule: (run) => runs.push(run),
    turnBudget: { messages: 1, milliseconds: 1 },
    // the timer's message is cancelled, the oldest, and in the way of the next two
    onPerform: () => {
      system.post('a', note(2));
      system.post('a', note(3));
    },
  });
  system.post('a', perform(start('view', 100, note(1))));
  system.start();
  system.runUntilIdle();
  system.post('a', perform(cancel('view'), { type: 'perform', id: 0 }));
  time.advance(100);
  system.runUntilIdle();
  t.deepEqual(log, ['a:do', 'a:do', 'a!0', 'a:2', 'a:3']);
  t.like(system.counters().a.lanes.protocol, { accepted: 5, dropped: 1 });
});

test('timers are counted while they run or wait to be handled, and forgotten after', (t) => {
  const { system, time } = scriptedSystem();
  system.post('a', perform(start('one', 10, note(1)), start('two', 20, note(2)), start('three', 30, note(3))));
  system.post('a', perform(cancel('three')));
  system.start();
  time.runUntilIdle();
  t.is(system.counters().a.timers, 2);
  time.advance(10);
  t.is(system.counters().a.timers, 1);
  time.advance(10);
  t.is(system.counters().a.timers, 0);
});

test('a timer host that fires a cancelled timer all the same is not believed', (t) => {
  const fires: (() => void)[] = [];
  const timers = { start: (_delayMs: number, fire: () => void) => fires.push(fire), cancel: () => undefined };
  const { system, log } = scriptedSystem({ timers });
  system.post('a', perform(start('view', 100, note(1)), cancel('view')));
  system.start();
  system.runUntilIdle();
  for (const fire of fires) fire();
  system.runUntilIdle();
  t.deepEqual(log, ['a:do']);
});

for (const delayMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`a delay of ${delayMs} ms is a bug that stops the system`, (t) => {
    const { system, failures } = scriptedSystem();
    system.post('a', perform(start('view', delayMs, note(1))));
    system.start();
    system.runUntilIdle();
    t.like(failures[0]?.error, { name: 'InvariantViolation' });
  });
}
