import assert from 'node:assert/strict';
import test from 'ava';
import { and, assign, createMachine, raise, setup } from 'xstate';
import { type ChartOf, compile } from '../../machines/index.js';
import {
  assertEveryTransitionIsUsed,
  assertTableEqualsXstate,
  transitionsOf,
  withoutTransition,
} from '../support/charts.js';
import { doorMachine } from './door.machine.js';

const door = compile(doorMachine);

test('the table starts in the leaf that xstate starts in, with the entry actions on the way there', (t) => {
  t.is(door.initial, 'shut.unlocked');
  t.deepEqual(door.initialActions, ['keepAirOut']);
  t.deepEqual(door.states, ['shut.unlocked', 'shut.locked', 'open', 'gone']);
  t.deepEqual([...door.events].sort(), ['closed', 'keyTurned', 'knocked', 'opened', 'removed']);
});

test('a step answers the new state and the actions in the order exit, transition, entry', (t) => {
  const locked = door.step('shut.unlocked', { type: 'keyTurned', fits: true });
  t.deepEqual(locked, { state: 'shut.locked', actions: ['clunk', 'darken'] });
  t.deepEqual(door.step('shut.locked', { type: 'keyTurned', fits: true }), {
    state: 'shut.unlocked',
    actions: ['light', 'clunk'],
  });
});

test('a guard that does not hold leaves the event to the outer state', (t) => {
  t.deepEqual(door.step('shut.locked', { type: 'keyTurned', fits: false }), {
    state: 'shut.locked',
    actions: ['rattle'],
  });
});

test('an event that a state does not accept answers null, an empty transition does not', (t) => {
  t.is(door.step('open', { type: 'keyTurned', fits: true }), null);
  t.is(door.step('gone', { type: 'removed' }), null, 'a final state accepts nothing, the root neither');
  t.deepEqual(door.step('shut.locked', { type: 'knocked' }), { state: 'shut.locked', actions: [] });
});

test('an event or state named like a member of every object is no event and no state', (t) => {
  const step = door.step as (state: string, event: { type: string }) => unknown;
  t.is(step('open', { type: 'constructor' }), null);
  t.is(step('__proto__', { type: 'closed' }), null);
});

test('a nested state matches itself and its outer state, not one that only begins alike', (t) => {
  t.true(door.matches('shut.locked', 'shut'));
  t.true(door.matches('shut.locked', 'shut.locked'));
  t.false(door.matches('shut.locked', 'shut.unlocked'));
  t.false(door.matches('open', 'shut'));
  const similar = compile(createMachine({ initial: 'openWide', states: { open: {}, openWide: {} } }));
  t.false(similar.matches('openWide', 'open'));
});

test('a step costs no new object', (t) => {
  t.is(door.step('open', { type: 'closed' }), door.step('open', { type: 'closed' }));
  t.true(Object.isFrozen(door.step('open', { type: 'closed' })));
});

test('table and xstate agree on every event in every state', (t) => {
  t.notThrows(() => assertTableEqualsXstate(doorMachine));
});

test('the comparison fails for a chart with a state that nothing leads to', (t) => {
  const machine = createMachine({ id: 'island', initial: 'shore', states: { shore: {}, island: {} } });
  t.throws(() => assertTableEqualsXstate(machine), { message: /every state of island can be reached/ });
});

const uncovered: Record<string, object> = {
  'an inline action': { entry: () => {} },
  assign: { entry: assign({}) },
  'an action with parameters': { entry: { type: 'shout', params: { loud: true } } },
  'an inline guard': { on: { go: { target: 'there', guard: () => true } } },
  'a combined guard': { on: { go: { target: 'there', guard: and(['one', 'two']) } } },
  'a guard without a function': { on: { go: { target: 'there', guard: 'unknown' } } },
  'a wildcard': { on: { '*': 'there' } },
  'a partial wildcard': { on: { 'go.*': 'there' } },
  always: { always: 'there' },
  after: { after: { 1000: 'there' } },
  invoke: { invoke: { src: 'child' } },
  'a parallel state': { type: 'parallel', states: { left: {}, right: {} } },
  'a history state': { initial: 'inner', states: { inner: {}, back: { type: 'history' } } },
  onDone: { initial: 'inner', states: { inner: { type: 'final' } }, onDone: 'there' },
  'actions of an initial transition': { initial: { target: 'inner', actions: 'shout' }, states: { inner: {} } },
  'exit actions of a final state': { initial: 'inner', states: { inner: { type: 'final', exit: 'shout' } } },
};

for (const [feature, here] of Object.entries(uncovered)) {
  test(`compile refuses ${feature}`, (t) => {
    const machine = createMachine({ id: 'refused', initial: 'here', states: { here, there: {} } } as object);
    t.throws(() => compile(machine), { name: 'ConfigurationError', code: 'CHART_FEATURE_NOT_COVERED' });
  });
}

test('compile refuses context, a built-in action behind a name, a parallel root and entry actions of the root', (t) => {
  const refused = { name: 'ConfigurationError', code: 'CHART_FEATURE_NOT_COVERED' };
  const behindName = setup({ actions: { again: raise({ type: 'go' }) } });
  t.throws(() => compile(createMachine({ context: { n: 0 }, initial: 'a', states: { a: {} } })), refused);
  t.throws(() => compile(behindName.createMachine({ initial: 'a', states: { a: { entry: 'again' } } })), refused);
  t.throws(() => compile(createMachine({ type: 'parallel', states: { a: {}, b: {} } })), refused);
  t.throws(() => compile(createMachine({ initial: 'a', entry: 'shout', states: { a: {} } } as object)), refused);
});

test('a mutant lacks exactly the transition that was taken away', (t) => {
  const all = transitionsOf(doorMachine);
  t.is(all.length, 9);
  for (const transition of all) {
    const left = transitionsOf(withoutTransition(doorMachine, transition));
    t.is(left.length, all.length - 1, transition.title);
    t.true(left.every(({ title }) => title !== transition.title));
  }
});

const walk =
  (steps: readonly Parameters<typeof door.step>[1][], end: string, performed: readonly string[]) =>
  (chart: ChartOf<typeof doorMachine>): void => {
    let state = chart.initial;
    const actions: string[] = [];
    for (const event of steps) {
      const step = chart.step(state, event);
      assert(step !== null, `${event.type} is accepted in ${state}`);
      state = step.state;
      actions.push(...step.actions);
    }
    assert.equal(state, end);
    assert.deepEqual(actions, performed);
  };
const turn = (fits: boolean) => ({ type: 'keyTurned', fits }) as const;
const comesAndGoes = walk([{ type: 'opened' }, { type: 'opened' }, { type: 'closed' }, { type: 'removed' }], 'gone', [
  'letAirIn',
  'keepAirOut',
  'letAirIn',
  'keepAirOut',
  'keepAirOut',
]);
const locks = walk([{ type: 'knocked' }, turn(false), turn(true), { type: 'knocked' }, turn(true)], 'shut.unlocked', [
  'answer',
  'rattle',
  'clunk',
  'darken',
  'light',
  'clunk',
]);

test('scenarios that take every transition kill every mutant', async (t) => {
  await t.notThrowsAsync(assertEveryTransitionIsUsed(doorMachine, [comesAndGoes, locks]));
});

test('the mutation test names the transitions that no scenario would miss', async (t) => {
  const error = await t.throwsAsync(assertEveryTransitionIsUsed(doorMachine, [comesAndGoes]));
  t.regex(error?.message ?? '', /no actor test would miss/);
  t.regex(error?.message ?? '', /shut\.locked: keyTurned \[keyFits\]/);
});

test('the mutation test fails when a scenario fails with the whole chart', async (t) => {
  await t.throwsAsync(assertEveryTransitionIsUsed(doorMachine, [walk([], 'open', [])]));
});
