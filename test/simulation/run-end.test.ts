import test from 'ava';
import { caseOf, replay } from '../../actors/simulate.js';
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
