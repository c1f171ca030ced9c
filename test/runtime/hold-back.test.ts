import { onOneThread, onBothHosts as test } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import { laneOfStep, note, perform, recorder, scriptedSystem, send, sendAll } from '../support/scripted-system.js';

const holdBack = (capacity: number) => mailboxOf(capacity, 'holdBack', laneOfStep);

onOneThread('a sender waits for room with its effect and the ones after it, in order, and loses none', (t) => {
  const { system, log } = scriptedSystem({ mailboxes: { b: holdBack(2) } });
  system.post('a', perform(...sendAll('b', [1, 2, 3, 4, 5]), { type: 'perform', id: 6 }));
  system.post('a', note(7));
  system.start();
  system.runUntilIdle();
  t.deepEqual(log, ['a:do', 'b:1', 'b:2', 'b:3', 'b:4', 'a!6', 'a:7', 'b:5']);
});

onOneThread('a waiting actor handles nothing, and its counters and those of the full lane show it', (t) => {
  const runs: (() => void)[] = [];
  const { system, log } = scriptedSystem({
    mailboxes: { b: holdBack(1) },
    schedule: (run) => runs.push(run),
    clock: (() => {
      let now = 0;
      return () => {
        now += 10;
        return now;
      };
    })(),
  });
  system.post('a', perform(...sendAll('b', [1, 2])));
  system.post('a', note(3));
  system.start();
  runs.shift()?.();
  t.deepEqual(log, ['a:do']);
  t.true(system.counters().a.heldBack);
  t.like(system.counters().b.lanes.protocol, { depth: 1, heldBack: 1, refused: 0 });
  system.runUntilIdle();
  t.false(system.counters().a.heldBack);
  t.deepEqual(log, ['a:do', 'b:1', 'a:3', 'b:2']);
});

onOneThread('those who wait go on first come first, before a later sender takes the room', (t) => {
  const { system, log } = scriptedSystem({
    mailboxes: { c: holdBack(1) },
    turnBudget: { messages: 1, milliseconds: 9 },
  });
  system.post('a', perform(...sendAll('c', [1, 2])));
  system.post('b', perform(...sendAll('c', [3, 4])));
  system.post('a', perform(...sendAll('c', [5])));
  system.start();
  system.runUntilIdle();
  t.deepEqual(
    log.filter((entry) => entry.startsWith('c:')),
    ['c:1', 'c:2', 'c:3', 'c:4', 'c:5'],
  );
});

onOneThread('one lane without room does not hold up those who wait for another lane', (t) => {
  const { system, log } = scriptedSystem({
    mailboxes: { c: holdBack(1) },
    turnBudget: { messages: 1, milliseconds: 9 },
  });
  const sendIn = (lane: 'bulk' | 'control', ids: number[]) => perform(...ids.map((id) => send('c', note(id, lane))));
  system.post('a', sendIn('bulk', [1, 2, 3]));
  system.post('b', sendIn('control', [4, 5, 6]));
  system.start();
  system.runUntilIdle();
  t.deepEqual(
    log.filter((entry) => entry.startsWith('c:')),
    ['c:4', 'c:5', 'c:6', 'c:1', 'c:2', 'c:3'],
  );
});

test('a chain of waiting actors drains', (t) => {
  const { system, log } = scriptedSystem({ mailboxes: { b: holdBack(1), c: holdBack(1) } });
  const relay = (id: number) => send('b', perform(send('c', note(id)), send('c', note(id + 10))));
  system.post('a', perform(relay(1), relay(2), relay(3)));
  system.start();
  system.runUntilIdle();
  t.deepEqual(
    log.filter((entry) => entry.startsWith('c:')),
    ['c:1', 'c:11', 'c:2', 'c:12', 'c:3', 'c:13'],
  );
});

test('a post from outside to a full holdBack lane is refused, counted and shown', (t) => {
  const { events, inspect } = recorder();
  const { system } = scriptedSystem({ mailboxes: { b: holdBack(1) }, inspect });
  t.true(system.post('b', note(1)));
  t.false(system.post('b', note(2)));
  t.like(system.counters().b.lanes.protocol, { accepted: 1, refused: 1, heldBack: 0 });
  system.start();
  system.runUntilIdle();
  t.like(events[0], { type: 'refused', role: 'b', from: null, message: note(2), lane: 'protocol' });
});

test('an actor that holds back itself is a bug that stops the system', (t) => {
  const { system, failures } = scriptedSystem({ mailboxes: { a: holdBack(1) } });
  system.post('a', perform(...sendAll('a', [1, 2])));
  system.start();
  system.runUntilIdle();
  t.like(failures[0], { role: 'a', messageType: 'do' });
  t.regex(String(failures[0]?.error), /a and a hold each other back/);
});

test('actors that hold each other back in a ring are a bug that stops the system', (t) => {
  const { system, failures } = scriptedSystem({ mailboxes: { a: holdBack(1), b: holdBack(1), c: holdBack(1) } });
  // More than the places of a lane on both sides of a border.
  system.post('a', perform(...sendAll('b', [1, 2, 3])));
  system.post('b', perform(...sendAll('c', [1, 2, 3])));
  system.post('c', perform(...sendAll('a', [1, 2, 3])));
  system.start();
  system.runUntilIdle();
  t.is(failures.length, 1);
  t.regex(String(failures[0]?.error), /hold each other back/);
});
