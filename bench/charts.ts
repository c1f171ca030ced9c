/**
 * What statecharts cost: one block after the other goes through its whole life, and through the steps that it causes in
 * the charts of the other actors, once with the compiled tables and once with an empty chart in their place.
 */
import { BlockLives } from '../actors/consensus/block-lives.js';
import { blockChart } from '../machines/block.machine.js';
import type { AnyChart } from '../machines/chart.js';
import { compile, proposalGeneratorMachine } from '../machines/index.js';
import { pacemakerChart } from '../machines/pacemaker.machine.js';
import { storageChart } from '../machines/storage.machine.js';
import { nextTurn } from '../src/adapters/turn-scheduler.js';
import { asHeight, asReplicaId, asView, type BlockHash } from '../src/protocol/numbers.js';
import type { Block } from '../src/protocol/types.js';
import { median } from './figures.js';

/** What statecharts cost a leader. */
export interface ChartCost {
  /** Steps through a table that one block takes at a leader. */
  readonly stepsPerBlock: number;
  /** All that is there for the charts' sake, and of it what goes when the tables are empty. */
  readonly nanosecondsPerBlock: { readonly whole: number; readonly tables: number };
  readonly blocksPerSecond: number;
  /** Of one core, at that many blocks a second. */
  readonly shareOfCore: number;
}

type Event = { readonly type: string } & Readonly<Record<string, unknown>>;
interface Walk {
  readonly chart: AnyChart;
  readonly from: string;
  readonly events: readonly Event[];
}

/** What one block with one command causes at a leader that is at work; each walk ends where it began. */
export const chartWalks: readonly Walk[] = [
  { chart: pacemakerChart, from: 'leading.stable', events: [{ type: 'certified' }, { type: 'workArrived' }] },
  {
    chart: compile(proposalGeneratorMachine),
    from: 'proposing.drained',
    events: [{ type: 'poolFull' }, { type: 'poolDrained' }],
  },
  {
    chart: storageChart,
    from: 'open.resting',
    events: [
      { type: 'gathered', need: 'due' },
      { type: 'gathered', need: 'due' },
      { type: 'batchWritten', need: 'due' },
      { type: 'batchWritten', need: 'nothing' },
    ],
  },
];

const BLOCKS = 4096;
const LAPS = 25;
const ROUNDS = 9;

/**
 * Measures for a second or two; `blocksPerSecond` is what the share of a core is reckoned for. Null when it is `stopping`
 * before the end.
 */
export async function measureCharts(blocksPerSecond: number, stopping: AbortSignal): Promise<ChartCost | null> {
  const chain = chainOf(BLOCKS);
  const walks = chartWalks.map((walk) => ({ ...walk, chart: empty(walk.chart) }));
  const pairs: { readonly whole: number; readonly bare: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Signals are heard between two turns.
    await nextTurn();
    if (stopping.aborted) return null;
    pairs.push({
      whole: nanosecondsPerBlock(chain, blockChart, chartWalks),
      bare: nanosecondsPerBlock(chain, empty(blockChart), walks),
    });
  }
  const whole = median(pairs.slice(1).map((pair) => pair.whole)); // the first round warms up
  const tables = whole - median(pairs.slice(1).map((pair) => pair.bare));
  return {
    stepsPerBlock: countSteps(chain),
    nanosecondsPerBlock: { whole: Math.round(whole), tables: Math.round(tables) },
    blocksPerSecond,
    shareOfCore: Number(((whole * blocksPerSecond) / 1e9).toPrecision(3)),
  };
}

function nanosecondsPerBlock(chain: readonly Block[], chart: AnyChart, walks: readonly Walk[]): number {
  const begin = process.hrtime.bigint();
  for (let lap = 0; lap < LAPS; lap += 1) live(chain, chart, walks);
  return Number(process.hrtime.bigint() - begin) / (LAPS * chain.length);
}

/** Every block is proposed and certified, and with that its grandparent is decided and executed. */
function live(chain: readonly Block[], chart: AnyChart, walks: readonly Walk[]): void {
  const [first] = chain;
  if (first === undefined) return;
  const lives = new BlockLives(first, chart);
  for (const [place, block] of chain.entries()) {
    if (place === 0) continue;
    lives.proposed(block);
    lives.certified(block.hash);
    const decided = chain[place - 2];
    if (decided !== undefined && place > 2) {
      lives.decided([decided]);
      lives.executed(decided.header.height);
    }
    for (const walk of walks) take(walk);
  }
}

function take({ chart, from, events }: Walk): void {
  let state = from;
  for (const event of events) state = chart.step(state, event)?.state ?? state;
}

/** Counts the steps of a block in the middle of the chain, by a chart that counts. */
function countSteps(chain: readonly Block[]): number {
  let steps = 0;
  const counting = (chart: AnyChart): AnyChart => ({
    ...chart,
    step: (state, event) => {
      steps += 1;
      return chart.step(state, event);
    },
  });
  const walks = chartWalks.map((walk) => ({ ...walk, chart: counting(walk.chart) }));
  live(chain.slice(0, 10), counting(blockChart), walks);
  const upToTen = steps;
  live(chain.slice(0, 11), counting(blockChart), walks);
  return steps - 2 * upToTen;
}

const STAYS: readonly string[] = Object.freeze([]);
const FORGETS: readonly string[] = Object.freeze(['forget']);

/** A chart that decides nothing; blocks are forgotten all the same, or memory would be measured. */
function empty(chart: AnyChart): AnyChart {
  const stays = Object.freeze({ state: chart.initial, actions: STAYS });
  const forgets = Object.freeze({ state: chart.initial, actions: FORGETS });
  return { ...chart, step: (_state, { type }) => (type === 'overtaken' ? forgets : stays) };
}

function chainOf(length: number): readonly Block[] {
  const hashes = Array.from({ length }, (_, place) => place.toString(16).padStart(64, '0') as BlockHash);
  return hashes.map((hash, place) => {
    const parent = hashes[place - 1] ?? hash;
    const justify = { view: asView(Math.max(0, place - 1)), block: parent, signatures: [] };
    const at = { height: asHeight(place), view: asView(place) };
    const header = { ...at, parent, justify, proposer: asReplicaId(0), bodyHash: hash };
    return { hash, header, body: new Uint8Array(0) };
  });
}
