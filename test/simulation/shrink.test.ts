import test from 'ava';
import { type Fault, PERFECT_LINKS, QUICK_DISKS, type SimulationCase } from '../../src/simulation/case.js';
import { isWithinFaultBound } from '../../src/simulation/faulty-replicas.js';
import { shrink } from '../../src/simulation/shrink.js';
import type { Invariant, Violation } from '../../src/simulation/violation.js';

/** A case as large as the swarm makes them. */
function largeCase(): SimulationCase {
  const faults = Array.from({ length: 40 }, (_, index): Fault => {
    const replica = index % 7;
    return index % 2 === 0
      ? { at: 100.25 * index, type: 'crash', replica, loss: 'random' }
      : { at: 100.25 * index, type: 'slow', replica, milliseconds: index };
  });
  return {
    version: 1,
    seed: 7,
    replicas: 7,
    rule: 'three-chain',
    tenure: 4,
    leaderSchedule: 'round-robin',
    baseTimeoutMs: 1000,
    signatures: 'hash',
    links: PERFECT_LINKS,
    disks: QUICK_DISKS,
    clients: 3,
    outstanding: 16,
    commands: 100,
    liars: [{ replica: 1, strategies: ['twin', 'mute', 'fork'] }],
    faults,
    healAt: 5000,
    dead: [5, 6],
    until: 4_000_000,
    eventsMax: 400_000,
  };
}

const broken = (invariant: Invariant, at = 2500, event = 900): Violation => ({
  invariant,
  at,
  event,
  detail: 'planted',
});

const slows = (parameters: SimulationCase, ...wanted: readonly number[]): boolean =>
  wanted.every((milliseconds) =>
    parameters.faults.some((fault) => fault.type === 'slow' && fault.milliseconds === milliseconds),
  );

test('what a violation does not need is taken away: two faults of forty are left, one client, one command', async (t) => {
  const { case: smallest, violation } = await shrink(largeCase(), broken('S1'), {
    run: async (candidate) => (slows(candidate, 3, 15) ? broken('S1') : null),
  });
  t.deepEqual(
    smallest.faults.map(({ at }) => at),
    [301, 1504],
  );
  const { clients, outstanding, commands, dead, liars, healAt, links, disks } = smallest;
  t.deepEqual(
    { clients, outstanding, commands, dead, liars },
    { clients: 1, outstanding: 1, commands: 1, dead: [], liars: [] },
  );
  t.is(healAt, null);
  t.deepEqual(links.delayMs, [2, 2]);
  t.is(disks.latencyMs[0], disks.latencyMs[1]);
  t.deepEqual([smallest.until, smallest.eventsMax], [2501, 901]);
  t.deepEqual(violation, broken('S1'));
});

test('there are as few replicas as it takes, and no fault names one that is gone', async (t) => {
  const { case: smallest } = await shrink(largeCase(), broken('S1'), {
    run: async ({ replicas, faults }) => {
      const named = faults.flatMap((fault) => ('replica' in fault ? [fault.replica] : []));
      t.true(named.every((replica) => replica < replicas));
      return replicas >= 4 && named.includes(3) ? broken('S1') : null;
    },
  });
  t.is(smallest.replicas, 4);
  t.is(smallest.faults.length, 1);
});

test('a liar keeps the strategy that it takes, and never is among more than f', async (t) => {
  const { case: smallest } = await shrink(largeCase(), broken('S1'), {
    run: async ({ liars, replicas }) => {
      t.true(liars.length <= Math.floor((replicas - 1) / 3));
      return liars.some(({ strategies }) => strategies.includes('mute')) ? broken('S1') : null;
    },
  });
  t.deepEqual(smallest.liars, [{ replica: 1, strategies: ['mute'] }]);
});

test('who has a damaged store counts among the f too, and a smaller cluster that bears it is not taken beyond', async (t) => {
  const damage: Fault = { at: 1, type: 'damage', replica: 0, damage: 'slotFlipped' };
  const { case: smallest } = await shrink({ ...largeCase(), dead: [], faults: [damage] }, broken('S1'), {
    run: async (candidate) => {
      t.true(isWithinFaultBound(candidate));
      return candidate.liars.length > 0 && candidate.faults.length > 0 ? broken('S1') : null;
    },
  });
  t.is(smallest.replicas, 7);
});

test('the invariant stays the same: a smaller case that breaks another one is not taken', async (t) => {
  const { case: smallest, violation } = await shrink(largeCase(), broken('S8'), {
    run: async (candidate) => (candidate.faults.length > 9 ? broken('S8') : broken('S13')),
  });
  t.is(smallest.faults.length, 10);
  t.is(violation.invariant, 'S8');
});

test('a liveness violation keeps its healing', async (t) => {
  const { case: smallest } = await shrink(largeCase(), broken('L1', 9000), {
    run: async ({ healAt }) => (healAt === null ? null : broken('L1', 9000)),
  });
  t.is(smallest.healAt, 1);
  t.deepEqual(smallest.faults, []);
});

test('a case that breaks before it heals, and is not made to heal never or earlier, does not heal after its end', async (t) => {
  const { case: smallest } = await shrink(largeCase(), broken('L4', 2500), {
    run: async ({ healAt, until }) => (healAt === 5000 || until < 5000 ? broken('L4', 2500) : null),
  });
  t.deepEqual([smallest.healAt, smallest.until], [null, 2501]);
});

test('it ends after so many runs, or when told, with the smallest failing case so far', async (t) => {
  for (const runsMax of [0, 1, 13]) {
    let runs = 0;
    const shrunk = await shrink(largeCase(), broken('S1'), {
      runsMax,
      run: async (candidate) => {
        runs += 1;
        return slows(candidate, 3, 15, 29) ? broken('S1') : null;
      },
    });
    t.is(runs, runsMax);
    t.is(shrunk.runs, runsMax);
    t.true(slows(shrunk.case, 3, 15, 29));
  }
  const aborted = await shrink(largeCase(), broken('S1'), {
    run: async () => t.fail() as never,
    signal: { aborted: true },
  });
  t.is(aborted.runs, 0);
});

test('a run that goes on far longer than the one that failed is cut off', async (t) => {
  await shrink(largeCase(), broken('S1'), {
    run: async ({ eventsMax }) => {
      t.true(eventsMax <= 4 * 900 + 2000);
      return null;
    },
  });
});
