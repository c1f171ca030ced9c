import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { nodesOf, ownTransitions } from './uncovered.js';

/** One transition, as the state that defines it has it. */
export interface TransitionDescription {
  readonly event: string;
  /** The name of what must hold; null when nothing must. Transitions for one event are tried in order. */
  readonly guard: string | null;
  /** The path of the state that it leads to; null: the state stays as it is, with what is in it. */
  readonly target: string | null;
  /** Whether the state that defines it is left and entered again, with its exit and entry actions. */
  readonly reenter: boolean;
  readonly actions: readonly string[];
}

/** One state, with what it defines itself. What an outer state defines holds in all its inner ones. */
export interface StateDescription {
  /** Names from the outermost state inwards, with dots between; '' is the chart itself. */
  readonly path: string;
  readonly type: 'atomic' | 'compound' | 'final';
  /** The path of the inner state that is entered first; null for a state without inner ones. */
  readonly initial: string | null;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly transitions: readonly TransitionDescription[];
}

/** A whole statechart as plain data: all that a picture or an outline of it must show. */
export interface ChartDescription {
  readonly name: string;
  /** What the chart is of, in a few words. */
  readonly about: string;
  /** The chart itself first; a state stands before its inner ones, in the order of the definition. */
  readonly states: readonly StateDescription[];
}

/** A statechart under the name that people know it by. */
export interface NamedMachine {
  readonly name: string;
  readonly about: string;
  readonly machine: AnyStateMachine;
}

/** Describes a statechart as plain data, without loss: what `compile` covers has no features beside these. */
export function describe({ name, about, machine }: NamedMachine): ChartDescription {
  return { name, about, states: nodesOf(machine).map(describeState) };
}

function describeState(node: AnyStateNode): StateDescription {
  return {
    path: pathOf(node),
    type: node.type as StateDescription['type'],
    initial: node.type === 'compound' ? pathOf(node.initial.target[0] ?? node) : null,
    entry: node.entry.map(String),
    exit: node.exit.map(String),
    transitions: ownTransitions(node).map(describeTransition),
  };
}

function describeTransition({
  eventType,
  guard,
  target,
  reenter,
  actions,
}: AnyTransitionDefinition): TransitionDescription {
  const [first] = target ?? [];
  return {
    event: eventType,
    guard: guard === undefined ? null : String(guard),
    target: first === undefined ? null : pathOf(first),
    reenter,
    actions: actions.map(String),
  };
}

function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}
