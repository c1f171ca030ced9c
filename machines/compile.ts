import type { AnyStateMachine, AnyStateNode, StateMachine, StateValue } from 'xstate';
import { initialTransition, transition } from 'xstate';
import type { Chart, ChartStep } from './chart.js';
import { nodesOf, refuseUncovered } from './uncovered.js';

// biome-ignore lint/suspicious/noExplicitAny: what xstate's type says beside states, events and actions
type Other = any;
type TypesOf<M> =
  M extends StateMachine<
    Other,
    infer Event,
    Other,
    Other,
    infer Action,
    Other,
    Other,
    infer Value,
    Other,
    Other,
    Other,
    Other,
    Other,
    Other
  >
    ? { event: Event; action: Action['type']; value: Value }
    : never;
type Dotted<Value> = Value extends string
  ? Value
  : {
      [Key in keyof Value & string]: Value[Key] extends infer Inner | undefined
        ? `${Key}.${Dotted<NonNullable<Inner>>}`
        : never;
    }[keyof Value & string];

/** The names of a chart's leaf states, nested ones joined by dots. */
export type StateOf<M extends AnyStateMachine> = Dotted<TypesOf<M>['value']>;
/** The events that a chart declares in `types`. */
export type EventOf<M extends AnyStateMachine> = TypesOf<M>['event'];
/** The names of a chart's actions. */
export type ActionOf<M extends AnyStateMachine> = TypesOf<M>['action'];
/** What {@link compile} makes of a machine. */
export type ChartOf<M extends AnyStateMachine> = Chart<StateOf<M>, EventOf<M>, ActionOf<M>>;

type Guard = (args: { context: object; event: { type: string } }, params: undefined) => boolean;
type Step = ChartStep<string, string>;
interface Branch {
  readonly guard: Guard | null;
  readonly step: Step;
}
type Row = ReadonlyMap<string, readonly Branch[]>;

const NO_CONTEXT = Object.freeze({});

/**
 * Compiles a statechart into a table that an actor can step through some forty times faster than xstate would.
 * Guards are the functions of the machine's `setup`, called with the event alone; actions are names only, and it is the
 * actor that performs them. Every entry of the table is what xstate itself answers, asked once here, so that the two
 * cannot differ by our reading of its rules.
 * @throws ConfigurationError for what the table does not cover: context, always, after, invoke, parallel and history
 * states, inline, built-in or parametrised actions and guards, wildcard events.
 */
export function compile<M extends AnyStateMachine>(machine: M): ChartOf<M> {
  refuseUncovered(machine);
  return tableOf(machine) as unknown as ChartOf<M>;
}

function tableOf(machine: AnyStateMachine): Chart<string, { readonly type: string }, string> {
  const stage = stagesOf(machine);
  const leaves = nodesOf(machine).filter((node) => node.type === 'atomic' || node.type === 'final');
  const table = new Map<string, Row>(leaves.map((leaf) => [leaf.path.join('.'), rowOf(stage, leaf)]));
  const [snapshot, actions] = initialTransition(machine);
  const start = stepTo(snapshot.value, actions);
  return {
    initial: start.state,
    initialActions: start.actions,
    states: [...table.keys()],
    events: [...new Set([...table.values()].flatMap((row) => [...row.keys()]))],
    step: (state, event) => {
      const branches = table.get(state)?.get(event.type);
      if (branches === undefined) return null;
      for (const { guard, step } of branches) {
        if (guard === null || guard({ context: NO_CONTEXT, event }, undefined)) return step;
      }
      return null;
    },
    matches: (state, region) => state === region || (state.startsWith(region) && state[region.length] === '.'),
  };
}

function rowOf(stage: StageOf, leaf: AnyStateNode): Row {
  const ends = leaf.type === 'final' && leaf.parent === leaf.machine.root; // xstate's actor is done then and hears nothing more
  const events = new Set(ends ? [] : lineageOf(leaf).flatMap((node) => [...node.transitions.keys()]));
  return new Map([...events].map((event) => [event, branchesOf(stage, leaf, event)]));
}

/** The transitions for one event that can be taken in a leaf: its own first, then its ancestors'. */
function branchesOf(stage: StageOf, leaf: AnyStateNode, event: string): readonly Branch[] {
  const candidates = lineageOf(leaf).flatMap((node) => node.transitions.get(event) ?? []);
  const guards = new Set(candidates.map(({ guard }) => guard as string | undefined)); // the second of a name is never reached
  const { guards: named } = leaf.machine.implementations;
  return [...guards].map((name) => ({
    guard: name === undefined ? null : (named[name] as unknown as Guard),
    step: askXstate(stage(name), leaf, event),
  }));
}

/** The machine in which of all guards only the one of that name holds. */
type StageOf = (passing: string | undefined) => AnyStateMachine;

/** Each stage is made once: xstate builds a whole machine for it, which took half of the time in which a replica started. */
function stagesOf(machine: AnyStateMachine): StageOf {
  const names = Object.keys(machine.implementations.guards);
  const stages = new Map<string | undefined, AnyStateMachine>();
  return (passing) => {
    const made = stages.get(passing);
    if (made !== undefined) return made;
    const guards = Object.fromEntries(names.map((name) => [name, () => name === passing]));
    const stage = machine.provide({ guards });
    stages.set(passing, stage);
    return stage;
  };
}

/** What xstate does with `event` in a leaf. */
function askXstate(staged: AnyStateMachine, leaf: AnyStateNode, event: string): Step {
  const before = staged.resolveState({ value: stateValue(leaf.path), context: {} });
  const [after, actions] = transition(staged, before, { type: event });
  return stepTo(after.value, actions);
}

function stateValue([key = '', ...inner]: readonly string[]): StateValue {
  return inner.length === 0 ? key : { [key]: stateValue(inner) };
}

function stepTo(value: StateValue, actions: readonly { readonly type: string }[]): Step {
  return Object.freeze({ state: dotted(value), actions: Object.freeze(actions.map(({ type }) => type)) });
}

function dotted(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([key, inner]) => (inner === undefined ? key : `${key}.${dotted(inner)}`))
    .join();
}

function lineageOf(leaf: AnyStateNode): readonly AnyStateNode[] {
  return leaf.parent === undefined ? [leaf] : [leaf, ...lineageOf(leaf.parent)];
}
