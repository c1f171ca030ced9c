import test from 'ava';
import { caseOf, replay } from '../../../actors/simulate.js';
import { messageCostProblem } from '../../../src/simulation/checkers/message-cost.js';

test('ten messages a replica and block are allowed, and no more (L6)', (t) => {
  t.is(messageCostProblem(4000, 100, 4), null);
  t.regex(messageCostProblem(4001, 100, 4) ?? '', /40\.0 messages .* 40 at most/);
  t.is(messageCostProblem(31_000, 100, 31), null);
  t.is(messageCostProblem(1000, 19, 4), null, 'a start is not judged');
});

for (const tenure of [1, 4, 1000]) {
  test(`a run without faults stays far below, tenure ${tenure}`, async (t) => {
    const { violations, messages, committedHeight } = await replay(caseOf('lite', 3, { tenure, eventsMax: 3000 }));
    t.deepEqual(violations, []);
    t.true(committedHeight > 50);
    const sent = Object.values(messages).reduce((sum, count) => sum + count, 0);
    t.true(sent < 20 * committedHeight, `${sent} messages for ${committedHeight} blocks`);
  });
}
