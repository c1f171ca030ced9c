import fc from 'fast-check';
import { onBothHosts as test } from '../../support/hosts.js';
import { SpeculationWorld, type WorldStep } from '../../support/speculation-world.js';

const step: fc.Arbitrary<WorldStep> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('leaderChanges' as const), leading: fc.boolean(), tip: fc.nat(7) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('othersBlock' as const),
      body: fc.constantFrom('empty' as const, 'filled' as const, 'rubbish' as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant('bodyWanted' as const), becomesBlock: fc.nat(4).map((one) => one > 0) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'heartbeat' as const }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('commit' as const), depth: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 5, arbitrary: fc.constant({ type: 'machineAnswers' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('appetite' as const), proposals: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('proposalsWanted' as const), wanted: fc.boolean() }) },
);
const options = fc.record({
  proposalBufferTarget: fc.constantFrom(0, 1, 3),
  refillProposalBuffer: fc.constantFrom('immediately' as const, 'whenEmpty' as const),
});

test('whatever leaders, losses and rewinds, the committed state equals a plain replay of the committed log', async (t) => {
  let ownBlocks = 0;
  let rewinds = 0;
  const property = fc.asyncProperty(
    options,
    fc.array(step, { maxLength: 120, size: 'max' }),
    async (speculation, steps) => {
      const world = await new SpeculationWorld(speculation).start();
      for (const one of steps) await world.take(one);
      t.deepEqual(await world.end(), []);
      ownBlocks += world.ownBlocks;
      rewinds += world.machine.rewinds;
    },
  );
  await fc.assert(property, { numRuns: 150, seed: 7 });
  t.true(ownBlocks > 300 && rewinds > 50, `there were ${ownBlocks} own blocks and ${rewinds} rewinds`);
});
