import { onBothHosts as test } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import {
  laneOfStep,
  note,
  perform,
  recorder,
  type Step,
  scriptedSystem,
  send,
  sendAll,
} from '../support/scripted-system.js';

test('each handled message is shown with its lane, waiting time and effects', (t) => {
  const { events, inspect } = recorder();
  const { system, time } = scriptedSystem({ inspect });
  const step = perform(send('b', note(1, 'bulk'), 3));
  system.post('a', step);
  time.advance(40);
  system.start();
  time.runUntilIdle();
  const at = 40;
  t.deepEqual(events.slice(0, 2), [
    {
      type: 'handled',
      at,
      role: 'a',
      message: step,
      lane: 'protocol',
      waitedMs: 40,
      effects: [send('b', note(1, 'bulk'), 3)],
    },
    { type: 'handled', at, role: 'b', message: note(1, 'bulk'), lane: 'bulk', waitedMs: 0, effects: [] },
  ]);
  t.like(events[2], { type: 'handled', role: 'a', message: { type: 'creditReturned' }, lane: null, waitedMs: 0 });
  t.is(events.length, 3);
});

test('every kind of overflow is shown with who sent what to whom', (t) => {
  const { events, inspect } = recorder();
  const { system } = scriptedSystem({
    inspect,
    mailboxes: {
      a: mailboxOf<Step>(1, 'refuse', laneOfStep),
      b: mailboxOf<Step>(1, 'dropOldest', laneOfStep),
      c: mailboxOf<Step>(1, 'holdBack', laneOfStep),
    },
  });
  system.post('a', perform(...sendAll('a', [1, 2]), ...sendAll('b', [3, 4]), ...sendAll('c', [5, 6])));
  system.start();
  system.runUntilIdle();
  const lane = 'protocol';
  t.deepEqual(
    events.filter(({ type }) => type !== 'handled'),
    [
      { type: 'refused', at: 0, role: 'a', from: 'a', message: note(2), lane },
      { type: 'dropped', at: 0, role: 'b', message: note(3), lane },
      { type: 'heldBack', at: 0, role: 'c', from: 'a', message: note(6), lane },
    ],
  );
});

test('a failure and the end of a stop are shown', async (t) => {
  const { events, inspect } = recorder();
  const { system, failures } = scriptedSystem({ inspect });
  system.post('a', { type: 'throw' });
  system.start();
  system.runUntilIdle();
  await system.stop();
  t.deepEqual(events, [
    { type: 'failed', at: 0, failure: failures[0] },
    { type: 'stopped', at: 0 },
  ]);
});

test('counters tell turns, and time by lane, of every actor', (t) => {
  let now = 0;
  const { system } = scriptedSystem({
    clock: () => now,
    schedule: () => undefined,
    onNote: () => {
      now += 7;
    },
  });
  system.post('b', note(1, 'bulk'));
  system.post('b', note(2, 'bulk'));
  now = 5;
  system.start();
  system.runUntilIdle();
  const { a, b } = system.counters();
  t.like(a, { turns: 0, creditReturns: 0, heldBack: false });
  t.is(b.turns, 1);
  // the first waited 5 ms, the second 5 + 7
  t.like(b.lanes.bulk, { accepted: 2, handled: 2, depth: 0, highWater: 2, waitedMs: 17, processedMs: 14 });
  t.like(b.lanes.control, { accepted: 0, handled: 0 });
});
