/** The pace of a simulated cluster with dead replicas beside that of the same one without. */
import type { ExecutionContext } from 'ava';
import { caseOf, replay, type SimulationCase } from '../../actors/simulate.js';

const DEATH_MS = 1000;
const COUNTED_MS = 10_000;

interface Pace {
  /** Non-empty blocks committed in a second. */
  readonly perSecond: number;
  /** From when a client submits a command until it has f + 1 equal replies, milliseconds: the median. */
  readonly latencyMs: number;
}

async function paceFrom(t: ExecutionContext, adaptedMs: number, changes: Partial<SimulationCase>): Promise<Pace> {
  const calm = caseOf('lite', 11, { leaderSchedule: 'reputation' });
  const { history, violations } = await replay({
    ...calm,
    links: { ...calm.links, delayMs: [45, 55] },
    baseTimeoutMs: 500,
    clients: 50,
    outstanding: 1,
    commands: 1_000_000,
    // Without a rest all clients would submit at once, whenever a block is committed, and the next blocks would be empty.
    thinkMs: [0, 500],
    healAt: DEATH_MS,
    until: adaptedMs + COUNTED_MS,
    eventsMax: 10_000_000,
    ...changes,
  });
  t.deepEqual(violations, []);
  const counted = history.filter(({ completedAt }) => completedAt !== null && completedAt >= adaptedMs);
  const latencies = counted.map(({ invokedAt, completedAt }) => Number(completedAt) - invokedAt).sort((a, b) => a - b);
  return {
    perSecond: new Set(counted.map(({ height }) => height)).size / (COUNTED_MS / 1000),
    latencyMs: latencies[latencies.length >> 1] ?? Number.NaN,
  };
}

/**
 * With `dead` there are at least 80 % of the non-empty blocks, at no more than twice the latency, once leaders are those who
 * live: by `adaptedMs`, since those who died lead until 10·n blocks are committed without them.
 */
export async function keepsPace(
  t: ExecutionContext,
  cluster: Partial<SimulationCase>,
  dead: readonly number[],
  adaptedMs = 40_000,
): Promise<void> {
  const free = await paceFrom(t, 5000, cluster);
  const faulty = await paceFrom(t, adaptedMs, { ...cluster, dead });
  const said = `${faulty.perSecond} of ${free.perSecond} a second, ${faulty.latencyMs} of ${free.latencyMs} ms`;
  t.log(said);
  t.true(faulty.perSecond >= 0.8 * free.perSecond, said);
  t.true(faulty.latencyMs <= 2 * free.latencyMs, said);
}
