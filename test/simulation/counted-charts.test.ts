/** What a run counts of its replicas: the pairs of their charts, and their marks. */
import test from 'ava';
import { caseOf, declaredPairs, replay } from '../../actors/simulate.js';
import { compile } from '../../machines/compile.js';
import { connectionChart } from '../../machines/connection.machine.js';
import { describe, machines } from '../../machines/index.js';

test('the declared pairs are what each leaf state accepts, its own and what its outer states accept', (t) => {
  const pairs = declaredPairs();
  t.is(new Set(pairs).size, pairs.length);
  t.true(pairs.includes('pacemaker leading.stable heartbeatDue'));
  t.true(pairs.includes('pacemaker leading.stable viewTimerExpired'));
  t.false(pairs.includes('pacemaker leading.unstable heartbeatDue'));
  t.true(pairs.includes('connection ready stopped'));
  t.false(pairs.includes('connection closed stopped'));
  for (const named of machines) {
    const chart = compile(named.machine);
    const { name, states } = describe(named);
    const leaves = states.filter(({ type }) => type === 'atomic').map(({ path }) => path);
    for (const state of leaves) {
      for (const event of chart.events) {
        // Whatever a guard may look at: where none of its branches is open the chart ignores the event as a whole.
        const accepted = [true, false].some((is) => {
          const facts = { type: event, sealed: is, dials: is, need: is ? 'due' : 'nothing' };
          return chart.step(state, facts as never) !== null;
        });
        t.is(pairs.includes(`${name} ${state} ${event}`), accepted, `${name} ${state} ${event}`);
      }
    }
  }
});

test('a run counts each pair that its replicas take, each event that they ignore, and their marks', async (t) => {
  const run = caseOf('vopr', 404, { eventsMax: 1500, replicas: 4 });
  const calm = { ...run, faults: [], liars: [], dead: [], tight: [] };
  const crash = [
    { at: 300, type: 'crash', replica: 1, loss: 'random' },
    { at: 310, type: 'restart', replica: 1 },
  ] as const;
  const outcome = await replay({ ...calm, healAt: Math.max(400, calm.healAt ?? 0), faults: crash });
  const { pairs, ignored, marks } = outcome;
  t.deepEqual(outcome.violations, []);
  const declared = new Set(declaredPairs());
  t.deepEqual(
    Object.keys(pairs).filter((pair) => !declared.has(pair)),
    [],
  );
  t.deepEqual(
    Object.keys(ignored).filter((pair) => declared.has(pair) && !pair.startsWith('storage open.gathering')),
    [],
  );
  // Five lives begin, each of three connections.
  t.is(pairs[`connection ${connectionChart.initial} opened`], 15);
  t.is(
    pairs['replica recovering recovered'],
    (marks['recovered at genesis'] ?? 0) + (marks['recovered above genesis'] ?? 0),
  );
  t.is(pairs['block committed executed'], (marks['committed filled'] ?? 0) + (marks['committed empty'] ?? 0));
  // What the first life of replica 1 has counted is not lost with it.
  t.is(marks['view entered by start'], 5);
  t.is(marks['sent vote'], outcome.messages.vote);
  t.deepEqual(await replay({ ...calm, healAt: Math.max(400, calm.healAt ?? 0), faults: crash }), outcome);
});
