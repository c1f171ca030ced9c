import test from 'ava';
import { caseOf, replay } from '../../../actors/simulate.js';
import { IdleCostChecker } from '../../../src/simulation/checkers/idle-cost.js';

const BASE_MS = 300;
const EMPTY = { bodyBytes: 0, viewsBefore: 1 };

/** A chain that grows by a block each time, and its proposer. */
function chain() {
  const said: string[] = [];
  const blocks = new Map();
  const checks = new IdleCostChecker({
    baseTimeoutMs: BASE_MS,
    blocks,
    accuse: (invariant, detail) => said.push(`${invariant} ${detail}`),
  });
  let [height, view] = [0, 0];
  const propose = (now: number, { bodyBytes, viewsBefore } = EMPTY): void => {
    const justify = { justifyBlock: `block ${height}`, justifyView: view };
    [height, view] = [height + 1, view + viewsBefore];
    blocks.set(`block ${height}`, { hash: `block ${height}`, view, height, bodyBytes, ...justify });
    checks.proposed(`block ${height}`, now);
    // It is sent to each replica, and sent again.
    checks.proposed(`block ${height}`, now + 1);
  };
  const proposeAll = (count: number, everyMs: number, each?: (index: number) => typeof EMPTY): void => {
    for (let index = 0; index < count; index += 1) propose(index * everyMs, each?.(index));
  };
  return { said, proposeAll };
}

test('an empty block for each heartbeat costs nothing that is not allowed, though a clock is fast', (t) => {
  const { said, proposeAll } = chain();
  proposeAll(200, BASE_MS / 3 / 1.1);
  t.deepEqual(said, []);
});

test('empty blocks as fast as messages are a violation, told once (L6)', (t) => {
  const { said, proposeAll } = chain();
  proposeAll(100, 10);
  t.is(said.length, 1);
  t.regex(said[0] ?? '', /^L6 29 empty blocks with nothing to do within 280 ms; 28 at most in 1200 ms/);
});

test('blocks that hold something, and those that stand on one so that it is committed, may follow at once', (t) => {
  const { said, proposeAll } = chain();
  proposeAll(200, 1, (index) => ({ ...EMPTY, bodyBytes: index % 8 === 0 ? 100 : 0 }));
  t.deepEqual(said, []);
  const rests = chain();
  rests.proposeAll(400, 1, (index) => ({ ...EMPTY, bodyBytes: index % 60 === 0 ? 100 : 0 }));
  t.is(rests.said.length, 1);
});

test('blocks after views that came to nothing may follow at once', (t) => {
  const { said, proposeAll } = chain();
  proposeAll(200, 1, (index) => ({ ...EMPTY, viewsBefore: index % 8 === 0 ? 2 : 1 }));
  t.deepEqual(said, []);
});

test('a run with clients is judged, and one of machines that build their own blocks is not', async (t) => {
  let judged = 0;
  const { proposed } = IdleCostChecker.prototype;
  t.teardown(() => Object.assign(IdleCostChecker.prototype, { proposed }));
  Object.assign(IdleCostChecker.prototype, {
    proposed: () => {
      judged += 1;
    },
  });
  await replay(caseOf('lite', 1, { eventsMax: 500 }));
  t.true(judged > 10);
  judged = 0;
  await replay(caseOf('vopr', 1, { speculative: true, replicas: 4, eventsMax: 200 }));
  t.is(judged, 0);
});
