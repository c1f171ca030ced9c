import test from 'ava';
import { caseOf, replay } from '../../actors/simulate.js';
import { recordRun } from '../../actors/simulation/record-run.js';
import type { DiskDamage } from '../../src/simulation/disk.js';

const SEEDS = Array.from({ length: 30 }, (_, index) => 400 + index);
/** Half of what there was: a type that the swarm no longer draws, or that never finds its prey, falls below. */
const FLOORS = {
  crash: 7,
  crashAtWrite: 3,
  restart: 4,
  pause: 10,
  slow: 16,
  clockRate: 21,
  clockJump: 16,
  cut: 16,
  cutClient: 17,
  joinClient: 16,
  break: 11,
  links: 18,
  link: 25,
  disk: 26,
  damage: 1,
  framesLost: 32,
  framesDoubled: 2,
  framesReordered: 3,
  framesReplayed: 1,
  framesCut: 20,
  writesFailed: 4,
};

test('over a sample of seeds every type of fault strikes, and nothing breaks', async (t) => {
  const coverage: Record<string, number> = {};
  for (const seed of SEEDS) {
    const outcome = await replay(caseOf('vopr', seed, { eventsMax: 1500, replicas: 4 }));
    t.deepEqual(outcome.violations, [], `seed ${seed}`);
    for (const [name, count] of Object.entries(outcome.coverage)) coverage[name] = (coverage[name] ?? 0) + count;
  }
  for (const [name, floor] of Object.entries(FLOORS))
    t.true((coverage[name] ?? 0) >= floor, `${name}: ${coverage[name]}`);
});

/** What recovery says to each kind of damage: it may refuse, or go on with what is left and keep to all invariants. */
const DAMAGES: readonly DiskDamage[] = [
  'slotFlipped',
  'bothSlotsFlipped',
  'databaseFlipped',
  'lastBatchLost',
  'lastBatchesLost',
];

for (const damage of DAMAGES) {
  test(`a disk with ${damage}: the replica refuses it or is safe, and the others go on`, async (t) => {
    for (const rule of ['three-chain', 'two-chain'] as const) {
      const calm = { ...caseOf('vopr', 5, { eventsMax: 1500, replicas: 4, rule }), dead: [], liars: [], tight: [] };
      const faults = [{ at: (calm.healAt ?? 0) / 2, type: 'damage', replica: 1, damage }] as const;
      const outcome = await replay({ ...calm, faults });
      t.deepEqual(outcome.violations, []);
      t.is(outcome.coverage.damage, 1);
      t.true(outcome.history.every(({ reply }) => reply !== null));
    }
  });
}

test('runs by reputation come to leaders that had not been next by turns', async (t) => {
  const parameters = caseOf('vopr', 7, { replicas: 4, tenure: 1, leaderSchedule: 'reputation' });
  const calm = { ...parameters, dead: [3], liars: [], faults: [], healAt: 1 };
  const { outcome, seen } = await recordRun({ ...calm, commands: 60 }, { nextTurn }, Number.POSITIVE_INFINITY);
  t.deepEqual(outcome.violations, []);
  const leaders = seen.flatMap((event) => {
    const view = event.type === 'sent' ? /^proposal \w+ v(\d+)/.exec(event.text)?.[1] : undefined;
    return event.type === 'sent' && view !== undefined ? [{ from: event.from, turn: Number(view) % 4 }] : [];
  });
  t.true(leaders.some(({ from, turn }) => from !== turn));
  t.true(leaders.some(({ from, turn }) => from === turn));
});

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
