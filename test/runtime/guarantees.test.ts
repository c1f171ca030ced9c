/** What docs/runtime.md promises and no other test of this folder is about; test/house/guarantees.test.ts knows where each stands. */
import fc from 'fast-check';
import type { Lane, OverflowPolicy } from '../../src/runtime/lane.js';
import { PASSED_OVER_MAX } from '../../src/runtime/mailbox.js';
import { betweenHosts, type Host, onHost, onBothHosts as test } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import {
  laneOfStep,
  note,
  perform,
  recorder,
  type ScriptedOptions,
  type Step,
  type StepEffect,
  scriptedSystem,
  send,
  sendAll,
} from '../support/scripted-system.js';

const LANES = ['control', 'protocol', 'bulk'] as const;
const boxOf = (capacity: number, overflow: OverflowPolicy = 'refuse') =>
  mailboxOf<Step>(capacity, overflow, laneOfStep);
const sendIn = (lane: Lane, ids: readonly number[]) => ids.map((id) => send('b', note(id, lane)));

/** All that is handled after one message to `a`, which answers with `effects`. */
function runAll(effects: readonly StepEffect[], options: ScriptedOptions = {}) {
  const scripted = scriptedSystem(options);
  scripted.system.post('a', perform(...effects));
  scripted.system.start();
  scripted.system.runUntilIdle();
  return { ...scripted, of: (role: string) => scripted.log.filter((entry) => entry.startsWith(`${role}:`)) };
}

test('of the messages that wait for an actor the most urgent lane comes first, and each lane keeps its order', (t) => {
  const effects = [...sendIn('bulk', [1, 2]), ...sendIn('protocol', [3]), ...sendIn('control', [4, 5])];
  t.deepEqual(runAll([...effects, ...sendIn('protocol', [6])]).of('b'), ['b:4', 'b:5', 'b:3', 'b:6', 'b:1', 'b:2']);
});

test('no lane starves: one that waits gets at least one message in eighteen', (t) => {
  const flood = Array.from({ length: 200 }, (_, index) => 100 + index);
  const urgent = [...sendIn('control', flood), ...sendIn('protocol', flood.slice(0, 100))];
  const { of } = runAll([...sendIn('bulk', [1, 2, 3]), ...urgent], { mailboxes: { b: boxOf(1000) } });
  const places = ['b:1', 'b:2', 'b:3'].map((entry) => of('b').indexOf(entry));
  t.is(PASSED_OVER_MAX + 2, 18);
  for (const [index, place] of places.entries())
    t.true(place > 0 && place - (places[index - 1] ?? -1) <= 18, `${places}`);
});

test('refuse: what a full lane does not take is gone, counted and shown, and its sender goes on', (t) => {
  const { events, inspect } = recorder();
  const effects: StepEffect[] = [...sendAll('b', [1, 2, 3, 4]), { type: 'perform', id: 5 }];
  const { system, of, log } = runAll(effects, { inspect, mailboxes: { b: boxOf(2) } });
  t.deepEqual(of('b'), ['b:1', 'b:2']);
  t.true(log.includes('a!5'));
  t.like(system.counters().b.lanes.protocol, { handled: 2, refused: 2, dropped: 0, heldBack: 0 });
  t.deepEqual(
    events.flatMap((event) => (event.type === 'refused' ? [event.message] : [])),
    [note(3), note(4)],
  );
});

test('dropOldest: the oldest of a full lane makes way for the newest, counted and shown', (t) => {
  const { events, inspect } = recorder();
  const { system, of } = runAll(sendAll('b', [1, 2, 3, 4]), { inspect, mailboxes: { b: boxOf(2, 'dropOldest') } });
  t.deepEqual(of('b'), ['b:3', 'b:4']);
  t.like(system.counters().b.lanes.protocol, { handled: 2, refused: 0, dropped: 2, heldBack: 0 });
  t.deepEqual(
    events.flatMap((event) => (event.type === 'dropped' ? [event.message] : [])),
    [note(1), note(2)],
  );
});

test('holdBack: nothing is lost, and what the sender asked for after it waits too, in order', (t) => {
  const effects: StepEffect[] = [...sendAll('b', [1, 2, 3, 4]), { type: 'perform', id: 5 }, ...sendAll('b', [6])];
  const { system, of, log } = runAll(effects, { mailboxes: { b: boxOf(1, 'holdBack') } });
  t.deepEqual(of('b'), ['b:1', 'b:2', 'b:3', 'b:4', 'b:6']);
  t.true(log.indexOf('a!5') > log.indexOf('b:1'), 'the port was not asked before there was room');
  t.like(system.counters().b.lanes.protocol, { handled: 5, refused: 0, dropped: 0 });
  t.true(system.counters().b.lanes.protocol.heldBack > 0);
});

test('a lane never holds more than its capacity, whatever its policy', (t) => {
  for (const overflow of ['refuse', 'dropOldest', 'holdBack'] as const) {
    const ids = Array.from({ length: 50 }, (_, id) => id);
    const { system } = runAll(sendAll('b', ids), { mailboxes: { b: boxOf(7, overflow) } });
    t.is(system.counters().b.lanes.protocol.highWater, 7, overflow);
  }
});

test('onFailure is called once, however many actors and ports fail', async (t) => {
  const { system, failures, time } = scriptedSystem({
    onClose: () => {
      throw new Error('and a port that does not close');
    },
  });
  system.post('a', { type: 'throw' });
  system.post('b', { type: 'throw' });
  system.start();
  time.runUntilIdle();
  await t.throwsAsync(system.stop(), { name: 'AggregateError' });
  t.is(failures.length, 1);
});

/** A message to a role, which answers with effects; some of them timers, whose messages are effects again. */
const scripts = fc.array(
  fc.record({
    to: fc.constantFrom<'a' | 'b'>('a', 'b'),
    work: fc.array(
      fc.record({
        to: fc.constantFrom<'a' | 'b' | 'c'>('a', 'b', 'c'),
        lane: fc.constantFrom<Lane>(...LANES),
        afterMs: fc.constantFrom(0, 0, 3, 5),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  }),
  { minLength: 1, maxLength: 8 },
);
type Script = typeof scripts extends fc.Arbitrary<infer Value> ? Value : never;

/** Runs a script to its end on one host; what was handled, and all that was shown. */
function play(script: Script, options: ScriptedOptions = {}) {
  const { events, inspect } = recorder();
  const { system, time, log } = scriptedSystem({ ...options, inspect });
  let id = 0;
  for (const { to, work } of script) {
    const effects = work.map((each): StepEffect => {
      id += 1;
      const sent = send(each.to, note(id, each.lane));
      if (each.afterMs === 0) return sent;
      return { type: 'startTimer', timer: `${id}`, delayMs: each.afterMs, message: perform(sent) };
    });
    system.post(to, perform(...effects));
  }
  system.start();
  time.advance(10);
  return { log, events };
}

test('one script is one run: the same messages in the same order, at the same moments', (t) => {
  fc.assert(
    fc.property(scripts, fc.constantFrom<OverflowPolicy>('refuse', 'dropOldest'), (script, overflow) => {
      const mailboxes = { c: boxOf(2, overflow) };
      t.deepEqual(play(script, { mailboxes }), play(script, { mailboxes }));
    }),
    { numRuns: 50 },
  );
});

betweenHosts('placement changes nothing of what one actor gets from another by one lane, nor its order', (t) => {
  const gotBy = (host: Host, script: Script) => {
    const { events } = onHost(host, () => play(script));
    const byWay = new Map<string, number[]>();
    const senders = new Map<number, string>();
    for (const event of events) {
      if (event.type !== 'handled') continue;
      for (const effect of event.effects) {
        const sent = effect as Partial<StepEffect & { readonly message: Step }>;
        if (sent.type === 'send' && sent.message?.type === 'note') senders.set(sent.message.id, event.role);
      }
      if (event.message.type !== 'note') continue;
      const { id, lane } = event.message as Extract<Step, { type: 'note' }>;
      const way = `${senders.get(id)} to ${event.role} by ${lane}`;
      byWay.set(way, [...(byWay.get(way) ?? []), id]);
    }
    return new Map([...byWay].sort());
  };
  fc.assert(
    fc.property(scripts, (script) => {
      t.deepEqual(gotBy('across threads', script), gotBy('inline', script));
    }),
    { numRuns: 100 },
  );
});
