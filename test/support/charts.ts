/** Tools for tests of statecharts: table against xstate, and the mutants that lack one transition. */
import assert from 'node:assert/strict';
import type { AnyStateMachine, StateValue } from 'xstate';
import { createActor, createMachine } from 'xstate';
import { type Chart, type ChartOf, compile } from '../../machines/index.js';
import { nodesOf, ownTransitions } from '../../machines/uncovered.js';

type AnyChart = Chart<string, { readonly type: string }, string>;
/** An event whose data say which guards hold for it. */
interface Stimulus {
  readonly type: string;
  readonly holds: Readonly<Record<string, boolean>>;
}

/**
 * Drives a machine's table and xstate's own actor side by side: every event, one that no state knows included, under
 * every truth of its guards, in every state, each reached by its shortest path. Demands the same states and actions,
 * null from the table exactly where xstate selects no transition, and that every state can be reached.
 */
export function assertTableEqualsXstate(machine: AnyStateMachine): void {
  const staged = machine.provide({ guards: guardsReadFromEvents(machine) });
  const chart: AnyChart = compile(staged);
  const alphabet = stimuliOf(machine);
  const paths = new Map<string, readonly Stimulus[]>([[chart.initial, []]]);
  for (const [state, path] of paths) {
    for (const event of alphabet) {
      const next = compareStep(chart, staged, [...path, event]);
      if (next !== null && !paths.has(next)) paths.set(next, [...path, event]);
    }
    for (const region of regionsOf(state)) assert(chart.matches(state, region), `${state} matches ${region}`);
  }
  assert.deepEqual([...paths.keys()].sort(), [...chart.states].sort(), `every state of ${machine.id} can be reached`);
}

/** Walks both along `path`, compares the last step, and answers the state it led to; null when not accepted. */
function compareStep(chart: AnyChart, machine: AnyStateMachine, path: readonly Stimulus[]): string | null {
  const title = `${machine.id}: ${path.map(({ type, holds }) => `${type} ${JSON.stringify(holds)}`).join(', ')}`;
  const performed: string[] = [];
  const actor = createActor(recording(machine, performed)).start();
  assert.deepEqual(performed, [...chart.initialActions], `${machine.id}: the entry actions of the initial state`);
  let state = chart.initial;
  for (const event of path.slice(0, -1)) {
    actor.send(event);
    state = chart.step(state, event)?.state ?? state;
  }
  const event = path.at(-1);
  assert(event !== undefined, 'a path has a last event');
  performed.length = 0;
  const before = actor.getSnapshot();
  const accepted = before.status === 'active' && machine.getTransitionData(before, event).length > 0;
  if (before.status === 'active') actor.send(event);
  const step = chart.step(state, event);
  assert.equal(step !== null, accepted, `${title}: accepted in ${state}`);
  assert.equal(step?.state ?? state, nameOf(actor.getSnapshot().value), title);
  assert.deepEqual(step?.actions ?? [], performed, title);
  return step?.state ?? null;
}

/** One transition of a chart, as a mutation test names it. */
export interface ChartTransition {
  /** The state that defines it, dots between nested names; '' is the root. */
  readonly source: string;
  readonly event: string;
  /** Its place among the source's transitions for the event. */
  readonly index: number;
  /** For people: `shut.locked: keyTurned [keyFits]`. */
  readonly title: string;
}

/** Every transition that a machine defines, those without a target included. */
export function transitionsOf(machine: AnyStateMachine): readonly ChartTransition[] {
  return nodesOf(machine).flatMap((node) => {
    const source = node.path.join('.');
    return [...node.transitions].flatMap(([event, transitions]) =>
      transitions.map(({ guard }, index) => {
        const title = `${source || 'root'}: ${event}${guard === undefined ? '' : ` [${String(guard)}]`}`;
        return { source, event, index, title };
      }),
    );
  });
}

/** A copy of the machine that lacks one transition. */
export function withoutTransition<M extends AnyStateMachine>(machine: M, { source, event, index }: ChartTransition): M {
  interface Definition {
    on?: Record<string, unknown>;
    states?: Record<string, Definition>;
  }
  const config = structuredClone(machine.config) as Definition;
  const path = source === '' ? [] : source.split('.');
  const node = path.reduce<Definition | undefined>((outer, key) => outer?.states?.[key], config);
  assert(node?.on !== undefined && event in node.on, `${source} has a transition for ${event}`);
  const left = [node.on[event]].flat().filter((_, place) => place !== index);
  if (left.length === 0) delete node.on[event];
  else node.on[event] = left;
  const { actions, guards } = machine.implementations;
  return createMachine(config as object).provide({ actions, guards }) as unknown as M;
}

/** Plays one actor test with the given chart; throws (node:assert, not ava's `t`) when the actor does wrong. */
export type ChartScenario<M extends AnyStateMachine> = (chart: ChartOf<M>) => void | Promise<void>;

/**
 * Demands that each transition of a machine matters to its actor: every scenario passes with the whole chart, and
 * without any one transition at least one fails.
 */
export async function assertEveryTransitionIsUsed<M extends AnyStateMachine>(
  machine: M,
  scenarios: readonly ChartScenario<M>[],
): Promise<void> {
  const whole = compile(machine);
  for (const scenario of scenarios) await scenario(whole);
  const unused: string[] = [];
  for (const transition of transitionsOf(machine)) {
    const mutant = compile(withoutTransition(machine, transition));
    if (!(await someFails(scenarios, mutant))) unused.push(transition.title);
  }
  assert.deepEqual(unused, [], `transitions of ${machine.id} that no actor test would miss`);
}

async function someFails<M extends AnyStateMachine>(
  scenarios: readonly ChartScenario<M>[],
  chart: ChartOf<M>,
): Promise<boolean> {
  for (const scenario of scenarios) {
    try {
      await scenario(chart);
    } catch {
      return true; // the mutant is caught: this is what the caller counts
    }
  }
  return false;
}

function guardsReadFromEvents(machine: AnyStateMachine): Record<string, (args: { event: Stimulus }) => boolean> {
  const names = Object.keys(machine.implementations.guards);
  return Object.fromEntries(names.map((name) => [name, ({ event }) => event.holds[name] === true]));
}

/** Every event type of the machine with every truth of the guards that stand on it. */
function stimuliOf(machine: AnyStateMachine): readonly Stimulus[] {
  const guards = new Map<string, Set<string>>([['anEventThatNoStateKnows', new Set()]]);
  for (const { eventType, guard } of nodesOf(machine).flatMap(ownTransitions)) {
    const known = guards.get(eventType) ?? new Set<string>();
    guards.set(eventType, guard === undefined ? known : known.add(String(guard)));
  }
  return [...guards].flatMap(([type, names]) => truthsOf([...names]).map((holds) => ({ type, holds })));
}

function truthsOf([name, ...others]: readonly string[]): readonly Record<string, boolean>[] {
  if (name === undefined) return [{}];
  return truthsOf(others).flatMap((truth) => [true, false].map((holds) => ({ ...truth, [name]: holds })));
}

function recording(machine: AnyStateMachine, performed: string[]): AnyStateMachine {
  const names = nodesOf(machine).flatMap((node) => [
    ...node.entry,
    ...node.exit,
    ...ownTransitions(node).flatMap(({ actions }) => actions),
  ]);
  const record = (name: string) => [name, () => void performed.push(name)] as const;
  return machine.provide({ actions: Object.fromEntries(names.map((name) => record(String(name)))) });
}

function nameOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  const [entry] = Object.entries(value);
  return entry?.[1] === undefined ? '' : `${entry[0]}.${nameOf(entry[1])}`;
}

function regionsOf(state: string): readonly string[] {
  const keys = state.split('.');
  return keys.map((_, length) => keys.slice(0, length + 1).join('.'));
}
