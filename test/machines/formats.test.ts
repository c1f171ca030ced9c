import test from 'ava';
import {
  type ChartDescription,
  describe,
  machines,
  mermaidOf,
  type NamedMachine,
  outlineOf,
  type StateDescription,
} from '../../machines/index.js';
import { nodesOf, ownTransitions } from '../../machines/uncovered.js';
import { doorMachine } from './door.machine.js';

/** Every chart of a replica, and one with every feature that charts may use. */
const all: readonly NamedMachine[] = [...machines, { name: 'door', about: 'a door', machine: doorMachine }];

interface Told {
  readonly from: string;
  readonly event: string;
  readonly guard: string;
  readonly to: string;
  readonly actions: string;
}

/** What xstate itself says that a machine's transitions are. */
function definedBy({ machine }: NamedMachine): readonly Told[] {
  return nodesOf(machine).flatMap((node) =>
    ownTransitions(node).map(({ eventType, guard, target, actions }) => ({
      from: node.path.join('.'),
      event: eventType,
      guard: guard === undefined ? '' : String(guard),
      to: target?.[0]?.path.join('.') ?? '(stays)',
      actions: actions.map(String).join(', '),
    })),
  );
}

function toldBy({ states }: ChartDescription): readonly Told[] {
  return states.flatMap(({ path, transitions }) =>
    transitions.map(({ event, guard, target, actions }) => ({
      from: path,
      event,
      guard: guard ?? '',
      to: target ?? '(stays)',
      actions: actions.join(', '),
    })),
  );
}

const LINE = /^(?<event>\w+)(?: \[(?<guard>\w+)\])? → (?<to>\S+)(?: \(again\))?(?: \/ (?<actions>.+))?$/u;

/** Reads an outline back: which state a transition belongs to is told by its indentation alone. */
function readOutline(outline: string): { readonly told: Told[]; readonly others: string[] } {
  const above: string[] = [];
  const told: Told[] = [];
  const others: string[] = [];
  for (const line of outline.split('\n').slice(1)) {
    const depth = (line.length - line.trimStart().length) / 2;
    const { event, guard = '', to, actions = '' } = LINE.exec(line.trim())?.groups ?? {};
    const from = above.slice(0, depth - 1).join('.');
    if (event !== undefined && to !== undefined) told.push({ from, event, guard, to, actions });
    else if (line.includes(' / ')) others.push(`${from}: ${line.trim()}`);
    else above.splice(depth - 1, above.length, line.trim().split(' ')[0] ?? '');
  }
  return { told, others };
}

const byState = (states: readonly StateDescription[]) =>
  states.flatMap(({ path, entry, exit }) => [
    ...(entry.length === 0 ? [] : [`${path}: entry / ${entry.join(', ')}`]),
    ...(exit.length === 0 ? [] : [`${path}: exit / ${exit.join(', ')}`]),
  ]);

for (const named of all) {
  const chart = describe(named);
  const defined = definedBy(named);

  test(`the description of ${named.name} has every state, action and transition, and survives JSON`, (t) => {
    t.deepEqual(toldBy(chart), defined);
    t.deepEqual(
      chart.states.map(({ path, entry, exit }) => [path, entry, exit]),
      nodesOf(named.machine).map(({ path, entry, exit }) => [path.join('.'), entry.map(String), exit.map(String)]),
    );
    t.deepEqual(JSON.parse(JSON.stringify(chart)), chart);
  });

  test(`the outline of ${named.name} can be read back to every transition and action`, (t) => {
    const { told, others } = readOutline(outlineOf(chart));
    t.deepEqual(told, defined);
    t.deepEqual(others, byState(chart.states));
  });

  test(`the diagram of ${named.name} has an arrow for every transition, and a box for every state`, (t) => {
    const lines = mermaidOf(chart).split('\n');
    const labels = lines.flatMap((line) => /^ +\w+ --> \w+ : (.+)$/.exec(line)?.[1] ?? []);
    const wanted = chart.states.flatMap(({ transitions }) =>
      transitions.map(({ event, guard, reenter, actions }) =>
        [event, guard === null ? '' : ` [${guard}]`, reenter ? ' (again)' : '', actions.length === 0 ? '' : ' / ']
          .concat(actions.join(', '))
          .join(''),
      ),
    );
    t.deepEqual([...labels].sort(), [...wanted].sort());
    const boxes = lines.flatMap((line) => /^ +state "(.+)" as (\w+)/.exec(line)?.[2] ?? []);
    t.is(new Set(boxes).size, boxes.length, 'no two boxes have one name');
    for (const { path, entry, exit } of chart.states.slice(1)) {
      t.true(boxes.includes(path.replaceAll('.', '_')), path);
      const title = lines.find((line) => line.includes(` as ${path.replaceAll('.', '_')}`)) ?? '';
      for (const action of [...entry, ...exit]) t.true(title.includes(action), `${path}: ${action}`);
    }
    const ends = lines.flatMap((line) => /^ +(\w+) --> (\w+)/.exec(line)?.slice(1) ?? []);
    t.deepEqual(
      ends.filter((end) => !boxes.includes(end)),
      [],
      'no arrow begins or ends at what has no box',
    );
  });
}

test('an outline says which state comes first, what a state does, and what happens to whom', (t) => {
  t.is(
    outlineOf(describe({ name: 'door', about: 'a door', machine: doorMachine })),
    `door: a door
  removed → gone
  shut (initial)
    entry / keepAirOut
    knocked → (stays) / answer
    keyTurned → (stays) / rattle
    unlocked (initial)
      opened → open
      keyTurned [keyFits] → shut.locked / clunk
    locked
      entry / darken
      exit / light
      keyTurned [keyFits] → shut.unlocked / clunk
      knocked → (stays)
  open
    entry / letAirIn
    exit / keepAirOut
    closed → shut
    opened → open (again)
  gone (final)`,
  );
});

test('a diagram draws no arrow between a box and what it holds', (t) => {
  for (const named of all) {
    const arrows = [...mermaidOf(describe(named)).matchAll(/^ +(\w+) --> (\w+)/gm)];
    for (const [arrow, from = '', to = ''] of arrows) {
      t.false(`${to}_`.startsWith(`${from}_`) && from !== to, arrow);
      t.false(`${from}_`.startsWith(`${to}_`) && from !== to, arrow);
    }
  }
});

test('the charts of DESIGN section 5 are there, each under a name of its own', (t) => {
  const names = [
    'replica',
    'pacemaker',
    'manual-pacemaker',
    'block',
    'proposal-generator',
    'connection',
    'sync',
    'storage',
  ];
  t.deepEqual(
    machines.map(({ name }) => name),
    names,
  );
  t.is(new Set(machines.map(({ machine }) => machine)).size, names.length);
});
