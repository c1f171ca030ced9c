import test from 'ava';
import { caseOf, replay } from '../../actors/simulate.js';

test('a run whose events are over before it has shown progress after the last fault says so, and one that has shown it does not', async (t) => {
  const drawn = caseOf('vopr', 1, { replicas: 4, eventsMax: 2000 });
  const whole = await replay(drawn);
  t.deepEqual([whole.violations, whole.unfinished], [[], false]);
  const short = await replay({ ...drawn, eventsMax: 50 });
  t.deepEqual([short.violations, short.unfinished], [[], true]);
  const never = await replay({ ...drawn, faults: [], liars: [], dead: [], healAt: null, eventsMax: 1000 });
  t.deepEqual([never.violations, never.unfinished], [[], false]);
});
