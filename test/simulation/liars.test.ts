/** Replicas that lie: every way to lie is at work, and correct replicas keep what they promise as long as f lie. */
import test from 'ava';
import { caseOf, type Liar, replay, type SimulationCase, violationLines } from '../../actors/simulate.js';
import { type StrategyName, strategyNames } from '../../actors/simulation/liars/strategies.js';

const EVENTS = 800;
const SEEDS = 4;

/** A case in which replica 0, the first leader, lies so, and nothing else is wrong. */
function withLiar(strategy: StrategyName, seed: number): SimulationCase {
  // Nothing that came later: the lie is to be what is out of the usual.
  const drawn = caseOf('vopr', seed, { replicas: 4, eventsMax: EVENTS, strategies: [], laterTightLimits: [] });
  // A tenure that begins with a TC needs one before it whose leader is dead for as long as timers take.
  const long = strategy === 'staleJustify' ? { tenure: 1, healAt: 20 * drawn.baseTimeoutMs } : {};
  const middle = (long.healAt ?? drawn.healAt ?? 0) / 2;
  const forgets = [
    { at: middle / 2, type: 'image', replica: 0 },
    { at: middle, type: 'rollback', replica: 0 },
  ] as const;
  return {
    ...drawn,
    ...long,
    dead: [],
    liars: [{ replica: 0, strategies: [strategy] }],
    // Somebody has to fetch blocks, and the leader has to change.
    faults:
      strategy === 'rollback'
        ? forgets
        : [
            { at: middle / 2, type: 'crash', replica: 3, loss: 'random' },
            { at: middle, type: 'restart', replica: 3 },
          ],
  };
}

for (const name of strategyNames) {
  test(`${name}: one of four lies so, and correct replicas agree and make progress`, async (t) => {
    let lies = 0;
    for (let seed = 0; seed < SEEDS && (lies === 0 || seed < 1) && (seed < 2 || name !== 'rollback'); seed += 1) {
      const { violations, lies: told } = await replay(withLiar(name, seed));
      t.deepEqual(violationLines(violations), [], `seed ${seed}`);
      lies += told[name] ?? 0;
    }
    t.true(lies > 0 || name === 'rollback', 'the strategy was never at work');
  });
}

/** Two of four lie together: one leads two chains, and the other votes for whatever it is shown. */
const COLLUDING: readonly Liar[] = [
  { replica: 0, strategies: ['equivocatingLeader'] },
  { replica: 1, strategies: ['forgetLock'] },
];

test('agreement breaks when f+1 replicas lie, and the simulator sees it', async (t) => {
  const rules = new Set<string>();
  for (let seed = 0; seed < 100 && rules.size < 2; seed += 1) {
    const drawn = caseOf('vopr', seed, { replicas: 4, tenure: 1000, eventsMax: 1000, strategies: [] });
    const beyond = { ...drawn, dead: [], faults: [], liars: COLLUDING, beyondFaultBound: true };
    const { violations } = await replay(beyond);
    // Where two blocks are committed at one height, two states stand there.
    const broken = violations.map(({ invariant }) => invariant).filter((invariant) => invariant !== 'S2');
    for (const invariant of broken) t.is(invariant, 'S1');
    if (broken.length > 0) rules.add(drawn.rule);
  }
  t.deepEqual([...rules].sort(), ['three-chain', 'two-chain']);
});

test('who floods near what it hears does not go beyond the last view that there is', async (t) => {
  for (let seed = 1; seed < 3; seed += 1) {
    const liars: readonly Liar[] = [
      { replica: 0, strategies: ['viewJumps'] },
      { replica: 1, strategies: ['protocolFlood'] },
    ];
    const drawn = caseOf('vopr', seed, { replicas: 7, tenure: 1000, eventsMax: 6000, strategies: [] });
    const { violations, lies } = await replay({ ...drawn, dead: [], faults: [], liars });
    t.deepEqual(violationLines(violations), [], `seed ${seed}`);
    t.true((lies.viewJumps ?? 0) > 0 && (lies.protocolFlood ?? 0) > 0, 'one of them was never at work');
  }
});

test('a case with more liars and dead than f says that it means it', async (t) => {
  const drawn = caseOf('lite', 1, { eventsMax: 100, tenure: 4 });
  await t.throwsAsync(replay({ ...drawn, liars: COLLUDING }), { code: 'SIMULATION_BEYOND_FAULTS' } as object);
  const mixed = { ...drawn, liars: COLLUDING.slice(1), dead: [2] };
  await t.throwsAsync(replay(mixed), { code: 'SIMULATION_BEYOND_FAULTS' } as object);
  await t.notThrowsAsync(replay({ ...mixed, dead: [1] }));
});

test('a strategy that nobody knows is named', async (t) => {
  const drawn = { ...caseOf('lite', 1, { eventsMax: 100, tenure: 4 }), liars: [{ replica: 0, strategies: ['charm'] }] };
  await t.throwsAsync(replay(drawn), { message: /charm/ });
});

test('contradicting proposals and votes are proved by the correct replicas that they reach', async (t) => {
  for (const name of ['doubleProposer', 'doubleVoter'] as const) {
    let proofs = 0;
    for (let seed = 0; seed < SEEDS && proofs === 0; seed += 1) proofs += (await replay(withLiar(name, seed))).proofs;
    t.true(proofs > 0, name);
  }
});

test('drawn cases never have more than f replicas that lie or stay down', (t) => {
  let liars = 0;
  for (let seed = 0; seed < 300; seed += 1) {
    for (const mode of ['vopr', 'byzz'] as const) {
      const { dead, liars: lying, replicas } = caseOf(mode, seed);
      const faulty = new Set([...dead, ...lying.map(({ replica }) => replica)]).size;
      if (faulty > Math.floor((replicas - 1) / 3)) t.fail(`${mode} ${seed}`);
      if (mode === 'byzz' && lying.length === 0) t.fail(`byzz ${seed}`);
      liars += lying.length;
    }
  }
  t.true(liars > 400);
});

test('single fields of what a liar sends are changed, and nothing breaks', async (t) => {
  let changed = 0;
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const { violations, lies } = await replay(caseOf('byzz', seed, { replicas: 4, eventsMax: EVENTS }));
    t.deepEqual(violationLines(violations), [], `seed ${seed}`);
    changed += lies.mutations ?? 0;
  }
  t.true(changed >= SEEDS);
});
