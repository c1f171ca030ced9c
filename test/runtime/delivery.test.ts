import fc from 'fast-check';
import type { Lane, OverflowPolicy } from '../../src/runtime/lane.js';
import { onBothHosts as test } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import { laneOfStep, note, perform, recorder, type Step, scriptedSystem, send } from '../support/scripted-system.js';

const LANES = ['control', 'protocol', 'bulk'] as const;

interface Sent {
  readonly from: 'a' | 'b';
  readonly lane: Lane;
}

/** Bursts: each is one message to a sender, which answers it with a list of sends to c. */
const bursts = fc.array(
  fc.record({
    from: fc.constantFrom<'a' | 'b'>('a', 'b'),
    lanes: fc.array(fc.constantFrom<Lane>(...LANES), { minLength: 1, maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 12 },
);
const settings = fc.record({
  capacity: fc.integer({ min: 1, max: 6 }),
  messages: fc.integer({ min: 1, max: 5 }),
  overflow: fc.constantFrom<OverflowPolicy>('refuse', 'holdBack', 'dropOldest'),
  yielding: fc.boolean(),
});

test('property: from one sender to one lane nothing is reordered, and nothing is lost that is not shown', (t) => {
  fc.assert(
    fc.property(bursts, settings, (work, { capacity, messages, overflow, yielding }) => {
      const { events, inspect } = recorder();
      const { system, time, log, returns } = scriptedSystem({
        inspect,
        turnBudget: { messages, milliseconds: 1 },
        mailboxes: { c: mailboxOf<Step>(capacity, overflow, laneOfStep) },
      });
      const sent: Sent[] = [];
      for (const { from, lanes } of work) {
        const effects = lanes.map((lane) => send('c', note(sent.push({ from, lane }) - 1, lane), 1));
        t.true(system.post(from, perform(...effects)));
      }
      system.start();
      if (yielding) time.runUntilIdle();
      else system.runUntilIdle();

      const handled = log.filter((entry) => entry.startsWith('c:')).map((entry) => Number(entry.slice(2)));
      const shown = (type: 'refused' | 'dropped') =>
        events.flatMap((event) => (event.type === type && event.message.type === 'note' ? [event.message] : []));
      const missing = shown(overflow === 'refuse' ? 'refused' : 'dropped').map(
        (message) => (message as { id: number } & Step).id,
      );

      t.deepEqual(
        [...handled, ...missing].sort((x, y) => x - y),
        [...sent.keys()],
        'each is handled or shown, once',
      );
      if (overflow === 'holdBack') t.deepEqual(missing, []);
      for (const from of ['a', 'b'] as const) {
        for (const lane of LANES) {
          const ids = handled.filter((id) => sent[id]?.from === from && sent[id]?.lane === lane);
          t.deepEqual(
            ids,
            [...ids].sort((x, y) => x - y),
          );
        }
      }
      const returned = returns.flatMap(({ returned: { accounts } }) => accounts.map(({ units }) => units));
      t.is(
        returned.reduce((sum, units) => sum + units, 0),
        sent.length,
        'all credit comes back',
      );
      t.true(LANES.every((lane) => system.counters().c.lanes[lane].highWater <= capacity));
    }),
    { numRuns: 300 },
  );
});
