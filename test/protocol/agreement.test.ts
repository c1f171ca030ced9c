import test from 'ava';
import fc from 'fast-check';
import { commitRule } from '../../src/protocol/rules/index.js';
import { correctParts, runSchedule } from './model.js';
import { actions, setups } from './schedules.js';

for (const name of ['three-chain', 'two-chain'] as const) {
  test(`${name}: whatever f faulty replicas and the network do, no two conflicting blocks commit`, (t) => {
    const parts = correctParts(commitRule(name));
    let committed = 0;
    fc.assert(
      fc.property(setups, actions, (setup, schedule) => {
        const outcome = runSchedule(parts, setup, schedule);
        committed += outcome.committed;
        return outcome.fork === null;
      }),
      { numRuns: 3_000 },
    );
    t.true(committed > 1_000, `schedules commit enough to mean something (${committed})`);
  });
}
