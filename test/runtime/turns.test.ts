import { onOneThread, onBothHosts as test } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import { laneOfStep, note, perform, type Step, scriptedSystem, send, sendAll } from '../support/scripted-system.js';

/** A system of five milliseconds a run, by a clock that stands still but for what each note takes; `runs` is what it asks for. */
function timedSystem(takesMs: (id: number) => number) {
  let now = 0;
  const runs: (() => void)[] = [];
  const { system, log } = scriptedSystem({
    clock: () => now,
    schedule: (run) => runs.push(run),
    turnBudget: { messages: 10, milliseconds: 5 },
    onNote: (_, id) => {
      now += takesMs(id);
    },
  });
  return { system, log, runs };
}

test('nothing is handled before start, and then in the order of posting', (t) => {
  const { system, time, log } = scriptedSystem();
  for (const id of [1, 2, 3]) t.true(system.post('a', note(id)));
  time.runUntilIdle();
  t.deepEqual(log, []);
  system.start();
  time.runUntilIdle();
  t.deepEqual(log, ['a:1', 'a:2', 'a:3']);
});

test('post never handles a message inside the call', (t) => {
  const { system, time, log } = scriptedSystem();
  system.start();
  system.post('a', note(1));
  t.deepEqual(log, []);
  time.runUntilIdle();
  t.deepEqual(log, ['a:1']);
});

onOneThread('many messages at once ask the scheduler for one run', (t) => {
  const runs: (() => void)[] = [];
  const { system } = scriptedSystem({ schedule: (run) => runs.push(run) });
  system.start();
  for (const id of [1, 2, 3]) system.post('a', note(id));
  t.is(runs.length, 1);
});

onOneThread('an actor yields to the next one in the round when its messages are used up', (t) => {
  const { system, time, log } = scriptedSystem({ turnBudget: { messages: 2, milliseconds: 10 } });
  for (const id of [1, 2, 3]) system.post('a', note(id));
  for (const id of [1, 2, 3]) system.post('c', note(id));
  system.post('b', note(1));
  system.start();
  time.runUntilIdle();
  t.deepEqual(log, ['a:1', 'a:2', 'b:1', 'c:1', 'c:2', 'a:3', 'c:3']);
});

test('the effects of a message are performed in their order before the next message', (t) => {
  const { system, time, log } = scriptedSystem();
  system.post('a', perform({ type: 'perform', id: 1 }, send('b', note(2)), { type: 'perform', id: 3 }));
  system.post('a', note(4));
  system.start();
  time.runUntilIdle();
  t.deepEqual(log, ['a:do', 'a!1', 'a!3', 'a:4', 'b:2']);
});

onOneThread('a port learns of the end of a turn that performed something, before any other turn', (t) => {
  const { system, time, log } = scriptedSystem({ onTurnEnded: (role) => log.push(`${role} ended`) });
  system.post('a', perform({ type: 'perform', id: 1 }));
  system.post('a', perform({ type: 'perform', id: 2 }));
  system.post('b', note(3));
  system.post('c', perform({ type: 'perform', id: 4 }));
  system.start();
  time.runUntilIdle();
  t.deepEqual(log, ['a:do', 'a!1', 'a:do', 'a!2', 'a ended', 'b:3', 'c:do', 'c!4', 'c ended']);
});

onOneThread('a port learns of the end of what was held back', (t) => {
  const { system, time, log } = scriptedSystem({
    onTurnEnded: (role) => log.push(`${role} ended`),
    mailboxes: { c: mailboxOf<Step>(1, 'holdBack', laneOfStep) },
  });
  system.post('a', perform(send('c', note(1)), send('c', note(2)), { type: 'perform', id: 3 }));
  system.start();
  time.runUntilIdle();
  t.deepEqual(log, ['a:do', 'c:1', 'a!3', 'a ended', 'c:2']);
});

test('a halted system tells no port of a turn', (t) => {
  const { system, time, log, failures } = scriptedSystem({ onTurnEnded: (role) => log.push(`${role} ended`) });
  system.post('a', perform({ type: 'perform', id: 1 }));
  system.post('a', { type: 'throw' });
  system.start();
  time.runUntilIdle();
  t.is(failures.length, 1);
  t.deepEqual(log, ['a:do', 'a!1', 'a:throw']);
});

onOneThread('all actors yield to the scheduler when the time is used up, and go on where they were', (t) => {
  const { system, log, runs } = timedSystem(() => 3);
  for (const id of [1, 2, 3]) system.post('a', note(id));
  system.post('b', note(4));
  system.start();
  t.is(runs.length, 1);
  runs.shift()?.();
  t.deepEqual(log, ['a:1', 'a:2']);
  t.is(runs.length, 1, 'the rest is scheduled, once');
  runs.shift()?.();
  t.deepEqual(log, ['a:1', 'a:2', 'b:4', 'a:3']);
  t.is(runs.length, 0, 'with nothing left nothing is scheduled');
});

onOneThread(
  'what was asked on the control lane is still begun when the time is used up, a few messages for each actor',
  (t) => {
    const { system, log, runs } = timedSystem((id) => (id === 0 ? 9 : 0));
    const asked = [1, 2, 3, 4, 5, 6].map((id) => send('b', note(id, 'control')));
    system.post(
      'a',
      perform(...asked, send('c', note(7, 'control')), send('c', note(8)), send('a', note(9, 'control'))),
    );
    system.post('a', note(0));
    system.start();
    runs.shift()?.();
    // The round is a, b, c. What is asked of the one whose turn took so long waits.
    t.deepEqual(log, ['a:do', 'a:9', 'a:0', 'b:1', 'b:2', 'b:3', 'b:4', 'c:7']);
    t.is(runs.length, 1, 'the rest is scheduled, once');
    runs.shift()?.();
    t.deepEqual(log.slice(8), ['b:5', 'b:6', 'c:8'], 'and the round goes on where it was');
  },
);

onOneThread('what is begun late takes no longer than once more the time that there was', (t) => {
  const { system, log, runs } = timedSystem(() => 4);
  const asked = [1, 2, 3].map((id) => send('b', note(id, 'control')));
  system.post('a', perform(...asked, send('c', note(4, 'control'))));
  for (const id of [5, 6, 7]) system.post('a', note(id));
  system.start();
  runs.shift()?.();
  t.deepEqual(log, ['a:do', 'a:5', 'a:6', 'b:1', 'b:2']);
  runs.shift()?.();
  runs.shift()?.();
  t.deepEqual(log.slice(5), ['b:3', 'c:4', 'a:7']);
});

onOneThread('a turn handles one message even if the clock leaps over the whole budget', (t) => {
  let now = 0;
  const runs: (() => void)[] = [];
  const { system, log } = scriptedSystem({
    clock: () => {
      now += 1000;
      return now;
    },
    schedule: (run) => runs.push(run),
  });
  system.post('a', note(1));
  system.start();
  runs.shift()?.();
  t.deepEqual(log, ['a:1']);
});

onOneThread('actors that never rest still let the scheduler have its turn while the clock stands still', (t) => {
  const runs: (() => void)[] = [];
  const self = { type: 'do', effects: [] as unknown[] };
  self.effects.push({ type: 'send', to: 'a', message: self });
  const { system, log } = scriptedSystem({
    schedule: (run) => runs.push(run),
    turnBudget: { messages: 1, milliseconds: 1 },
  });
  system.post('a', self as never);
  system.start();
  runs.shift()?.();
  t.true(log.length > 0 && log.length <= 1000);
  t.is(runs.length, 1);
});

onOneThread('a long chain of messages needs no stack', (t) => {
  const { system, time, log } = scriptedSystem();
  let step = note(0);
  for (let depth = 0; depth < 50_000; depth += 1) step = perform(send(depth % 2 === 0 ? 'a' : 'b', step));
  system.post('c', step);
  system.start();
  time.runUntilIdle();
  t.is(log.at(-1), 'a:0');
});

test('runUntilIdle handles everything by hand, without the scheduler', (t) => {
  const { system, log } = scriptedSystem({ schedule: () => undefined, turnBudget: { messages: 1, milliseconds: 1 } });
  system.post('a', perform(...sendAll('b', [1, 2, 3])));
  system.start();
  system.runUntilIdle();
  t.deepEqual(log, ['a:do', 'b:1', 'b:2', 'b:3']);
});

test('a scheduled run that comes after everything was handled by hand does nothing', (t) => {
  const { system, time, log } = scriptedSystem();
  system.post('a', note(1));
  system.start();
  system.runUntilIdle();
  time.runUntilIdle();
  t.deepEqual(log, ['a:1']);
});

test('runUntilIdle inside a port is a bug that stops the system', (t) => {
  const parts = scriptedSystem({ onPerform: () => parts.system.runUntilIdle() });
  parts.system.post('a', perform({ type: 'perform', id: 1 }));
  parts.system.start();
  parts.time.runUntilIdle();
  t.like(parts.failures[0]?.error, { name: 'InvariantViolation' });
});

test('what a port delivers while it performs comes after the effects of that message', (t) => {
  const parts = scriptedSystem({ onPerform: (role) => parts.system.post(role, note(9)) });
  parts.system.post('a', perform({ type: 'perform', id: 1 }, { type: 'perform', id: 2 }));
  parts.system.start();
  parts.time.runUntilIdle();
  t.deepEqual(parts.log, ['a:do', 'a!1', 'a!2', 'a:9', 'a:9']);
});

for (const turnBudget of [
  { messages: 0, milliseconds: 1 },
  { messages: 1.5, milliseconds: 1 },
  { messages: 1, milliseconds: 0 },
  { messages: 1, milliseconds: Number.NaN },
]) {
  test(`a turn budget of ${turnBudget.messages} messages and ${turnBudget.milliseconds} ms is a configuration error`, (t) => {
    t.throws(() => scriptedSystem({ turnBudget }), { name: 'ConfigurationError', code: 'TURN_BUDGET' });
  });
}
