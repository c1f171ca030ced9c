import type { ChartDescription, StateDescription, TransitionDescription } from './description.js';

/**
 * Draws a statechart in Mermaid's language (`stateDiagram-v2`), an arrow for each transition.
 * What a state with inner states defines for all of them, and what leads back into it, comes from a box named `any` inside
 * it: renderers cannot draw an arrow between a box and what it holds.
 */
export function mermaidOf({ states }: ChartDescription): string {
  return ['stateDiagram-v2', ...new Diagram(states).lines()].join('\n');
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

class Diagram {
  readonly #states: ReadonlyMap<string, StateDescription>;
  readonly #arrows: readonly Arrow[];

  constructor(states: readonly StateDescription[]) {
    this.#states = new Map(states.map((state) => [state.path, state]));
    this.#arrows = states.flatMap((state) => state.transitions.map((transition) => this.#arrow(state, transition)));
  }

  /** States first, each in its box; then the arrows that cross a box's border. */
  lines(): readonly string[] {
    const crossing = this.#arrows.filter(({ from, to }) => outerOf(from) !== outerOf(to));
    return [...this.#inside('', '  '), ...crossing.map((arrow) => `  ${lineOf(arrow)}`)];
  }

  #inside(outer: string, indent: string): readonly string[] {
    const inner = [...this.#states.values()].filter(({ path }) => path !== '' && outerOf(path) === outer);
    const any = join(outer, ANY);
    const usesAny = this.#arrows.some(({ from, to }) => from === any || to === any);
    const arrows = this.#arrows.filter(({ from, to }) => outerOf(from) === outer && outerOf(to) === outer);
    const initial = this.#states.get(outer)?.initial ?? null;
    return [
      ...inner.flatMap((state) => this.#box(state, indent)),
      ...(usesAny ? [`${indent}state "any" as ${idOf(any)}`] : []),
      ...(initial === null ? [] : [`${indent}[*] --> ${idOf(initial)}`]),
      ...arrows.map((arrow) => `${indent}${lineOf(arrow)}`),
      ...inner.filter(({ type }) => type === 'final').map(({ path }) => `${indent}${idOf(path)} --> [*]`),
    ];
  }

  #box(state: StateDescription, indent: string): readonly string[] {
    const head = `${indent}state "${titleOf(state)}" as ${idOf(state.path)}`;
    return state.type === 'compound' ? [`${head} {`, ...this.#inside(state.path, `${indent}  `), `${indent}}`] : [head];
  }

  #arrow(state: StateDescription, transition: TransitionDescription): Arrow {
    const { path } = state;
    const { target } = transition;
    const label = labelOf(transition);
    if (state.type !== 'compound') return { from: path, to: target === null ? path : this.#end(path, target), label };
    const leaves = target !== null && !lies(target, path);
    if (leaves) return { from: path, to: this.#end(path, target), label };
    const any = join(path, ANY);
    return { from: any, to: target === null ? any : this.#end(any, target), label };
  }

  /** Where an arrow ends: in a box that holds its beginning it goes on to what is entered first there. */
  #end(from: string, target: string): string {
    const first = this.#states.get(target)?.initial ?? null;
    return first !== null && from !== target && lies(from, target) ? this.#end(from, first) : target;
  }
}

const ANY = 'any';

function lies(path: string, outer: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}.`);
}

function outerOf(path: string): string {
  return path.split('.').slice(0, -1).join('.');
}

function join(outer: string, name: string): string {
  return outer === '' ? name : `${outer}.${name}`;
}

function idOf(path: string): string {
  return path.replaceAll('.', '_');
}

function titleOf({ path, type, entry, exit }: StateDescription): string {
  const parts = [
    path.split('.').at(-1) ?? path,
    ...(entry.length === 0 ? [] : [`entry / ${entry.join(', ')}`]),
    ...(exit.length === 0 ? [] : [`exit / ${exit.join(', ')}`]),
  ];
  return parts.join(type === 'compound' ? '; ' : '<br>');
}

function lineOf({ from, to, label }: Arrow): string {
  return `${idOf(from)} --> ${idOf(to)} : ${label}`;
}

function labelOf({ event, guard, reenter, actions }: TransitionDescription): string {
  const condition = guard === null ? '' : ` [${guard}]`;
  const again = reenter ? ' (again)' : '';
  const performed = actions.length === 0 ? '' : ` / ${actions.join(', ')}`;
  return `${event}${condition}${again}${performed}`;
}
