import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { ConfigurationError } from '../src/errors.js';

/** The machine and all its states, a state before its children. */
export function nodesOf(machine: AnyStateMachine): readonly AnyStateNode[] {
  const below = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(below)];
  return below(machine.root);
}

/** The transitions that a state defines itself (not those of its ancestors), in order. */
export function ownTransitions(node: AnyStateNode): readonly AnyTransitionDefinition[] {
  return [...node.transitions.values()].flat();
}

/**
 * Refuses a statechart with a feature that the compiled table would not reproduce.
 * Actors hold data, timers and children themselves, so their charts need none of these.
 * @throws ConfigurationError `CHART_FEATURE_NOT_COVERED` naming the state and the feature.
 */
export function refuseUncovered(machine: AnyStateMachine): void {
  for (const node of nodesOf(machine)) {
    const feature =
      featureOfState(machine, node) ?? firstOf(ownTransitions(node), (t) => featureOfTransition(machine, t));
    if (feature === null) continue;
    const facts = { chart: machine.id, state: node.id, feature };
    const message = `statechart ${machine.id}: state ${node.id} uses ${feature}, which compile() does not cover`;
    throw new ConfigurationError('CHART_FEATURE_NOT_COVERED', message, facts);
  }
}

function featureOfState(machine: AnyStateMachine, node: AnyStateNode): string | null {
  const { config } = node;
  const isRoot = node === machine.root;
  if (isRoot && node.type !== 'compound') return `a root of type ${node.type}`;
  if (isRoot && machine.config.context !== undefined) return 'context';
  if (isRoot && node.entry.length + node.exit.length > 0) return 'entry or exit actions of the root';
  if (node.type === 'parallel' || node.type === 'history') return `type: ${node.type}`;
  if (node.type === 'final' && node.exit.length > 0) return 'exit actions of a final state';
  if (node.always !== undefined) return 'always';
  if (node.after.length > 0) return 'after';
  if (node.invoke.length > 0) return 'invoke';
  if (config.onDone !== undefined) return 'onDone';
  if (config.output !== undefined) return 'output';
  if (node.type === 'compound' && node.initial.actions.length > 0) return 'actions of an initial transition';
  return firstOf([...node.entry, ...node.exit], (action) => featureOfAction(machine, action));
}

function featureOfTransition(machine: AnyStateMachine, transition: AnyTransitionDefinition): string | null {
  if (transition.eventType.includes('*')) return 'a wildcard event';
  if (transition.eventType.startsWith('xstate.')) return 'an event of the library';
  if ((transition.target?.length ?? 0) > 1) return 'a transition with several targets';
  return featureOfGuard(machine, transition.guard) ?? firstOf(transition.actions, (a) => featureOfAction(machine, a));
}

function featureOfAction(machine: AnyStateMachine, action: unknown): string | null {
  if (typeof action !== 'string') return 'an action that is not just a name';
  const implementation: unknown = machine.implementations.actions[action];
  return typeof implementation === 'function' && 'resolve' in implementation
    ? `a built-in action under the name ${action}`
    : null;
}

function featureOfGuard(machine: AnyStateMachine, guard: unknown): string | null {
  if (guard === undefined) return null;
  if (typeof guard !== 'string') return 'a guard that is not just a name';
  const implementation: unknown = machine.implementations.guards[guard];
  if (typeof implementation !== 'function') return `the guard ${guard} without a function`;
  return 'check' in implementation ? `a combined guard under the name ${guard}` : null;
}

function firstOf<Item>(items: readonly Item[], find: (item: Item) => string | null): string | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
