import test from 'ava';
import { caseOf, replay } from '../../actors/simulate.js';
import { isWithinFaultBound } from '../../src/simulation/faulty-replicas.js';
import type { Random } from '../../src/simulation/random.js';
import { ListMachine } from '../support/list-machine.js';

test('a run whose events are over before it has shown progress after the last fault says so, and one that has shown it does not', async (t) => {
  const drawn = caseOf('vopr', 1, { replicas: 4, eventsMax: 2000 });
  const whole = await replay(drawn);
  t.deepEqual([whole.violations, whole.unfinished], [[], false]);
  const short = await replay({ ...drawn, eventsMax: 50 });
  t.deepEqual([short.violations, short.unfinished], [[], true]);
  const never = await replay({ ...drawn, faults: [], liars: [], dead: [], healAt: null, eventsMax: 1000 });
  t.deepEqual([never.violations, never.unfinished], [[], false]);
});

test('a run that must finish and does not is a violation, which says how far it was and what it owed (L7)', async (t) => {
  const drawn = caseOf('vopr', 1, { replicas: 4, eventsMax: 2000 });
  t.deepEqual((await replay({ ...drawn, mustFinish: true })).violations, []);
  const early = await replay({ ...drawn, mustFinish: true, eventsMax: 50 });
  t.false(early.unfinished, 'it has failed');
  const [violation, ...more] = early.violations;
  t.deepEqual([violation?.invariant, more], ['L7', []]);
  t.regex(
    violation?.detail ?? '',
    /^the run ended after 50 events, at height \d+ \(.*\), view \d+, and owed the healing at /,
  );
  const healed = { ...drawn, faults: [], liars: [], dead: [], healAt: 1 };
  const late = await replay({ ...healed, mustFinish: true, eventsMax: 50 });
  t.regex(
    late.violations[0]?.detail ?? '',
    /owed a new block on every correct replica \(L1\); the same height .* \(and \d+ answers to commands of clients\)$/,
  );
  const stopped = await replay({ ...healed, mustFinish: true }, { signal: AbortSignal.abort() });
  t.deepEqual([stopped.violations, stopped.unfinished], [[], true]);
});

test('a run that has shown progress and goes on for commands, or for blocks of machines, is unfinished and no failure', async (t) => {
  const quick = { faults: [], liars: [], dead: [], tight: [], healAt: 1, mustFinish: true };
  const drawn = caseOf('vopr', 1, { replicas: 4, tenure: 1000, eventsMax: 2000 });
  const speculative = caseOf('vopr', 1, { replicas: 4, speculative: true, tenure: 1000, eventsMax: 2000 });
  for (const parameters of [
    { ...drawn, ...quick, commands: 1000 },
    { ...speculative, ...quick },
  ]) {
    const { violations, unfinished } = await replay({ ...parameters, eventsMax: 1000 });
    t.deepEqual([violations, unfinished], [[], true]);
  }
});

test('whoever says how many events a run may have, or takes a large cluster, need not see it finish', (t) => {
  for (const mode of ['vopr', 'byzz'] as const) {
    t.is(caseOf(mode, 1).mustFinish, true);
    t.is(caseOf(mode, 1, { eventsMax: 20_000 }).mustFinish, undefined);
    t.is(caseOf(mode, 1, { replicas: 10 }).mustFinish, true);
    t.is(caseOf(mode, 1, { replicas: 11 }).mustFinish, undefined, 'few views have so many events');
    t.is(caseOf(mode, 1).eventsMax, caseOf(mode, 1, { eventsMax: 20_000 }).eventsMax);
  }
});

test('a cluster of which too few are up makes no progress, and that is a violation, not silence (L5)', async (t) => {
  const drawn = { ...caseOf('vopr', 12, { replicas: 4, liarsProbability: 0, eventsMax: 3000 }), faults: [], liars: [] };
  for (const dead of [
    [0, 1],
    [0, 1, 2, 3],
  ]) {
    const { violations } = await replay({ ...drawn, dead, beyondFaultBound: true });
    t.deepEqual(
      violations.map(({ invariant }) => invariant),
      ['L5'],
      `${dead.length} are dead`,
    );
  }
  t.deepEqual((await replay({ ...drawn, dead: [0] })).violations, []);
});

test('a replica that ends after the healing, and is not one of the dead, is waited for (L1)', async (t) => {
  const drawn = caseOf('vopr', 12, { replicas: 4, liarsProbability: 0, eventsMax: 3000 });
  const at = (drawn.healAt ?? 0) + 0.001;
  const { violations } = await replay({
    ...drawn,
    dead: [],
    faults: [{ at, type: 'crash', replica: 2, loss: 'after' }],
  });
  t.deepEqual(
    violations.map(({ invariant }) => invariant),
    ['L1'],
  );
});

test('more replicas than f may not have their store damaged, unless the case says so', async (t) => {
  const drawn = { ...caseOf('vopr', 1, { replicas: 4, eventsMax: 200 }), liars: [], dead: [1] };
  const damage = { at: 1, type: 'damage', replica: 0, damage: 'slotFlipped' } as const;
  await t.throwsAsync(replay({ ...drawn, faults: [damage] }), { code: 'SIMULATION_BEYOND_FAULTS' } as object);
  await t.notThrowsAsync(replay({ ...drawn, faults: [{ ...damage, replica: 1 }] }));
});

test('no drawn case has more faulty replicas than f', (t) => {
  for (const mode of ['vopr', 'byzz'] as const) {
    for (let seed = 0; seed < 1000; seed += 1) t.true(isWithinFaultBound(caseOf(mode, seed)), `${mode} ${seed}`);
  }
});

test('a single replica, which sends its blocks to nobody, breaks nothing', async (t) => {
  const outcome = await replay(caseOf('lite', 1, { replicas: 1, eventsMax: 2000 }));
  t.deepEqual(outcome.violations, []);
});

test('blocks that travel in fragments are seen by the checkers as any others', async (t) => {
  const workload = { createMachine: () => new ListMachine(), command: (random: Random) => random.bytes(100_000) };
  for (const rule of ['three-chain', 'two-chain'] as const) {
    const outcome = await replay(caseOf('lite', 1, { replicas: 4, rule, eventsMax: 1000 }), { workload });
    t.deepEqual(outcome.violations, []);
  }
});
