/**
 * Counts what the statecharts of a run are asked: the actors are made as they are, of the same charts behind a counter.
 * A pair is a state and an event that it accepts, `storage open.resting gathered`. What a state ignores and should not is
 * told at once.
 */
import { blockChart } from '../../machines/block.machine.js';
import { machines } from '../../machines/catalogue.js';
import type { AnyChart } from '../../machines/chart.js';
import { compile } from '../../machines/compile.js';
import { connectionChart } from '../../machines/connection.machine.js';
import { type ChartDescription, describe } from '../../machines/description.js';
import { pacemakerChart } from '../../machines/pacemaker.machine.js';
import { proposalGeneratorMachine } from '../../machines/proposal-generator.machine.js';
import { replicaChart } from '../../machines/replica.machine.js';
import { storageChart } from '../../machines/storage.machine.js';
import { syncChart } from '../../machines/sync.machine.js';
import { defaultActors } from '../default-actors.js';
import { createProposalGenerator } from '../proposal-generator/proposal-generator.js';
import type { ActorFactories } from '../replacement.js';
import { mayIgnore } from './ignorable-events.js';

const generatorChart = compile(proposalGeneratorMachine);

/** How often each event came in each state of one chart. */
type Rows = Map<string, Map<string, number>>;

/** The charts of all replicas of one run, and what they were asked. */
export class CountedCharts {
  readonly #taken = new Map<string, Rows>();
  readonly #ignored = new Map<string, Rows>();
  readonly #onForgotten: (pair: string) => void;
  /** Our own actors, each with its chart counted. */
  readonly actors: ActorFactories;

  /** `onForgotten`: told of each pair that a chart ignores, and for which no reason stands in `ignorable-events.ts`; once. */
  constructor(onForgotten: (pair: string) => void) {
    this.#onForgotten = onForgotten;
    this.actors = this.#actors();
  }

  /** How often each pair was taken. */
  taken(): Readonly<Record<string, number>> {
    return byPair(this.#taken);
  }

  /** How often an event came in a state that does not accept it, or not as it was. */
  ignored(): Readonly<Record<string, number>> {
    return byPair(this.#ignored);
  }

  #actors(): ActorFactories {
    const [block, connection] = [this.#counted('block', blockChart), this.#counted('connection', connectionChart)];
    const [pacemaker, storage] = [this.#counted('pacemaker', pacemakerChart), this.#counted('storage', storageChart)];
    const [sync, replica] = [this.#counted('sync', syncChart), this.#counted('replica', replicaChart)];
    const generator = this.#counted('proposal-generator', generatorChart);
    return {
      consensus: ({ options }) => defaultActors.consensus({ ...options, blockChart: block }),
      network: ({ options }) => defaultActors.network({ ...options, chart: connection }),
      pacemaker: ({ options }) => defaultActors.pacemaker({ ...options, chart: pacemaker }),
      storage: ({ options }) => defaultActors.storage({ ...options, chart: storage }),
      sync: ({ options }) => defaultActors.sync({ ...options, chart: sync }),
      replica: ({ options }) => defaultActors.replica({ ...options, chart: replica }),
      proposalGenerator: ({ options }) => createProposalGenerator(options, generator),
    };
  }

  #counted<C extends Pick<AnyChart, 'initial'>>(name: string, chart: C): C & AnyChart {
    const plain = chart as unknown as AnyChart;
    const [taken, ignored]: readonly [Rows, Rows] = [new Map(), new Map()];
    this.#taken.set(name, taken);
    this.#ignored.set(name, ignored);
    const counted: AnyChart = {
      ...plain,
      step: (state, event) => {
        const step = plain.step(state, event);
        const times = count(step === null ? ignored : taken, state, event.type);
        if (step === null && times === 1 && !mayIgnore(name, state, event.type)) {
          this.#onForgotten(`${name} ${state} ${event.type}`);
        }
        return step;
      },
    };
    return counted as C & AnyChart;
  }
}

function count(rows: Rows, state: string, event: string): number {
  let row = rows.get(state);
  if (row === undefined) {
    row = new Map();
    rows.set(state, row);
  }
  const times = (row.get(event) ?? 0) + 1;
  row.set(event, times);
  return times;
}

function byPair(charts: ReadonlyMap<string, Rows>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [chart, rows] of charts) {
    for (const [state, row] of rows) {
      for (const [event, times] of row) counts[`${chart} ${state} ${event}`] = times;
    }
  }
  return counts;
}

/** Every pair that the charts of a replica declare, in their order. */
export function declaredPairs(): readonly string[] {
  return machines.flatMap((machine) => pairsOf(describe(machine)));
}

/** What an outer state accepts its inner ones accept; a final state accepts nothing. */
function pairsOf({ name, states }: ChartDescription): readonly string[] {
  return states
    .filter(({ type }) => type === 'atomic')
    .flatMap(({ path }) => {
      const around = states.filter((outer) => outer.path === '' || `${path}.`.startsWith(`${outer.path}.`));
      const events = new Set(around.flatMap(({ transitions }) => transitions.map(({ event }) => event)));
      return [...events].map((event) => `${name} ${path} ${event}`);
    });
}
