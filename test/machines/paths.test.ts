import test from 'ava';
import { createActor } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { type Chart, compile, machines } from '../../machines/index.js';

type AnyChart = Chart<string, { readonly type: string }, string>;

/** Everything that a guard of a chart looks at, in every combination. */
const DATA = [true, false].flatMap((dials) =>
  ['nothing', 'mayWait', 'due'].map((need) => ({ dials, need, code: 'X', detail: '' })),
);

function eventsOf(chart: AnyChart): readonly { readonly type: string }[] {
  return chart.events.flatMap((type) => DATA.map((data) => ({ type, ...data })));
}

for (const { name, machine } of machines) {
  test(`along every path that xstate/graph finds through ${name}, table and xstate agree, and so on every step from its end`, (t) => {
    const chart = compile(machine) as unknown as AnyChart;
    const events = eventsOf(chart);
    const paths = getShortestPaths(machine, { events });
    const ends = new Set<string>();
    for (const { steps } of paths) {
      const path = steps.map(({ event }) => event).filter(({ type }) => type !== 'xstate.init');
      ends.add(walk(chart, machine, path));
      for (const event of events) walk(chart, machine, [...path, event]);
    }
    t.deepEqual([...ends].sort(), [...chart.states].sort(), 'the paths lead to every state');

    function walk(table: AnyChart, definition: typeof machine, path: readonly { readonly type: string }[]): string {
      const actor = createActor(definition).start();
      let state = table.initial;
      for (const event of path) {
        actor.send(event);
        state = table.step(state, event)?.state ?? state;
        const [outer, inner] = state.split('.');
        t.deepEqual(actor.getSnapshot().value, inner === undefined ? outer : { [outer as string]: inner }, event.type);
      }
      return state;
    }
  });
}
