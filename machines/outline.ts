import type { ChartDescription, StateDescription, TransitionDescription } from './description.js';

/**
 * Writes a statechart as an indented outline: a state a line, and under it its entry and exit actions, its transitions
 * as `event [guard] → target / actions`, and its inner states. Targets are whole paths; `(stays)` is a transition without
 * a target, `(again)` one that leaves its state and enters it again.
 */
export function outlineOf({ name, about, states }: ChartDescription): string {
  const initials = new Set(states.map(({ initial }) => initial));
  const lines = states.flatMap((state) => {
    const indent = '  '.repeat(depthOf(state));
    const head = state.path === '' ? `${name}: ${about}` : headOf(state, initials.has(state.path));
    return [`${indent}${head}`, ...bodyOf(state).map((line) => `${indent}  ${line}`)];
  });
  return lines.join('\n');
}

function depthOf({ path }: StateDescription): number {
  return path === '' ? 0 : path.split('.').length;
}

function headOf({ path, type }: StateDescription, isInitial: boolean): string {
  const name = path.split('.').at(-1) ?? path;
  return `${name}${isInitial ? ' (initial)' : ''}${type === 'final' ? ' (final)' : ''}`;
}

function bodyOf({ entry, exit, transitions }: StateDescription): readonly string[] {
  return [
    ...(entry.length === 0 ? [] : [`entry / ${entry.join(', ')}`]),
    ...(exit.length === 0 ? [] : [`exit / ${exit.join(', ')}`]),
    ...transitions.map(lineOf),
  ];
}

function lineOf({ event, guard, target, reenter, actions }: TransitionDescription): string {
  const condition = guard === null ? '' : ` [${guard}]`;
  const again = reenter ? ' (again)' : '';
  const performed = actions.length === 0 ? '' : ` / ${actions.join(', ')}`;
  return `${event}${condition} → ${target ?? '(stays)'}${again}${performed}`;
}
