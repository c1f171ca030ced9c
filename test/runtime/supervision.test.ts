import ava from 'ava';
import type { OverflowPolicy } from '../../src/runtime/lane.js';
import { RecentMessages } from '../../src/runtime/supervision.js';
import { onOneThread, onBothHosts as test } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import { laneOfStep, note, perform, type Step, scriptedSystem, send, sendAll } from '../support/scripted-system.js';

onOneThread(
  'an actor that throws stops the system: role, error and last messages are told, nothing more is handled',
  (t) => {
    const { system, time, log, failures } = scriptedSystem();
    system.post('a', note(1));
    system.post('a', perform(send('b', note(2))));
    system.post('a', { type: 'throw' });
    system.post('a', note(3));
    system.post('c', note(4));
    system.start();
    time.runUntilIdle();
    t.deepEqual(log, ['a:1', 'a:do', 'a:throw']);
    t.is(failures.length, 1);
    t.like(failures[0], {
      role: 'a',
      messageType: 'throw',
      lastMessages: ['note { id: 1, lane: "protocol" }', 'do { effects: 1 items }', 'throw'],
    });
    t.regex(String(failures[0]?.error), /a was told to throw/);
  },
);

test('a port that throws stops the system, and the effects after it are not performed', (t) => {
  const { system, time, log, failures } = scriptedSystem({
    onPerform: (_role, id) => {
      if (id === 1) throw new Error('no such disk');
    },
  });
  system.post('a', perform({ type: 'perform', id: 1 }, { type: 'perform', id: 2 }, send('b', note(3))));
  system.start();
  time.runUntilIdle();
  t.deepEqual(log, ['a:do', 'a!1']);
  t.like(failures[0], { role: 'a', messageType: 'do' });
});

test('the effects that waited for room are charged to the actor that asked for them', (t) => {
  const { system, failures } = scriptedSystem({
    mailboxes: { b: mailboxOf<Step>(1, 'holdBack' satisfies OverflowPolicy, laneOfStep) },
    onPerform: () => {
      throw new Error('no such disk');
    },
  });
  system.post('a', perform(...sendAll('b', [1, 2]), { type: 'perform', id: 3 }));
  system.start();
  system.runUntilIdle();
  t.like(failures[0], { role: 'a', messageType: 'do' });
});

test('after a failure no message is taken, no timer fires, and posting does nothing', (t) => {
  const { system, time, log, failures } = scriptedSystem();
  system.post('a', perform({ type: 'startTimer', timer: 'view', delayMs: 10, message: note(1) }));
  system.post('a', { type: 'throw' });
  system.start();
  time.runUntilIdle();
  t.is(time.timersRunning, 0);
  t.false(system.post('b', note(2)));
  time.advance(100);
  t.deepEqual(log, ['a:do', 'a:throw']);
  t.is(failures.length, 1);
});

test('a behaviour that answers with a promise is a bug that stops the system', (t) => {
  const { system, failures } = scriptedSystem();
  system.post('a', { type: 'do', effects: Promise.resolve([]) as never });
  system.start();
  system.runUntilIdle();
  t.regex(String(failures[0]?.error), /InvariantViolation.*list of effects, at once/);
});

test('a send to a role that is not there is a bug that stops the system, with both names', (t) => {
  const { system, failures } = scriptedSystem();
  system.post('a', perform({ type: 'send', to: 'nobody', message: note(1) } as never));
  system.start();
  system.runUntilIdle();
  t.regex(String(failures[0]?.error), /a sent note to nobody/);
});

test('a message that laneOf throws at stops the system, from outside too', (t) => {
  const { system, failures } = scriptedSystem({
    mailboxes: {
      b: mailboxOf<Step>(1, 'refuse', () => {
        throw new Error('no lane');
      }),
    },
  });
  system.start();
  t.false(system.post('b', note(1)));
  system.runUntilIdle();
  t.like(failures, [{ role: 'b', messageType: 'note' }]);
});

test('a failure before start keeps start from running anything', (t) => {
  const { system, time, log, failures } = scriptedSystem({ cloneMessages: true });
  system.post('a', note(1));
  t.false(system.post('b', { type: 'note', id: 2, callback: () => undefined } as never));
  system.start();
  time.runUntilIdle();
  system.runUntilIdle();
  t.is(failures.length, 1);
  t.deepEqual(log, []);
});

ava('the last eight messages are remembered, oldest first', (t) => {
  const recent = new RecentMessages();
  t.deepEqual(recent.list(), []);
  t.is(recent.last, '');
  const lines = (from: number) =>
    Array.from({ length: 8 }, (_, index) => `note { id: ${from + index}, lane: "protocol" }`);
  for (let id = 1; id <= 8; id += 1) recent.saw(note(id), 'control');
  t.deepEqual(recent.list(), lines(1));
  recent.saw(note(9), null);
  t.deepEqual(recent.list(), lines(2));
  t.is(recent.last, 'note');
});

ava('a message of the bulk lane is let go when another comes: of earlier ones the types are remembered', (t) => {
  const recent = new RecentMessages();
  const message = { type: 'proposalReceived', from: 2, body: new Uint8Array(1000) };
  recent.saw(message, 'bulk');
  t.deepEqual(recent.list(), ['proposalReceived { from: 2, body: 1000 bytes }']);
  const numbered = (number: number) => ({ type: 'number', number });
  for (let number = 1; number <= 7; number += 1) recent.saw(numbered(number), 'control');
  t.deepEqual(recent.list().slice(0, 2), ['proposalReceived', 'number { number: 1 }']);
  recent.saw(numbered(8), 'control');
  t.is(recent.list()[0], 'number { number: 1 }');
});
