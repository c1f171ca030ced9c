/**
 * A whole cluster with a dead replica keeps the pace of one without, once its schedule has adapted: what
 * `actors/consensus/leader-schedule` shows of consensus alone, with clients, machines, sockets and disks.
 */
import test, { type ExecutionContext } from 'ava';
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

for (const rule of ['three-chain', 'two-chain'] as const) {
  for (const tenure of [1, 4]) {
    test(`one of four dead: at least 80 % of the blocks, at most twice the latency, T = ${tenure}, ${rule}`, async (t) => {
      const free = await paceFrom(t, 5000, { rule, tenure });
      const faulty = await paceFrom(t, 40_000, { rule, tenure, dead: [2] });
      const said = `${faulty.perSecond} of ${free.perSecond} a second, ${faulty.latencyMs} of ${free.latencyMs} ms`;
      t.log(said);
      t.true(faulty.perSecond >= 0.8 * free.perSecond, said);
      t.true(faulty.latencyMs <= 2 * free.latencyMs, said);
    });
  }
}
