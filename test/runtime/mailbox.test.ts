import test from 'ava';
import fc from 'fast-check';
import type { Lane, OverflowPolicy } from '../../src/runtime/lane.js';
import { Mailbox, PASSED_OVER_MAX } from '../../src/runtime/mailbox.js';
import { mailboxOf } from '../support/mailboxes.js';

interface Item {
  readonly type: Lane;
  readonly id: number;
}

interface Dropped {
  readonly id: number;
  readonly lane: Lane;
  readonly tag: string | null;
}

function mailbox(capacity: number, overflow: OverflowPolicy = 'refuse') {
  const dropped: Dropped[] = [];
  const options = mailboxOf<Item>(capacity, overflow, ({ type }) => type);
  const box = new Mailbox<Item, string>(options, ({ id }, lane, tag) => dropped.push({ id, lane, tag }));
  return { box, dropped };
}

const item = (type: Lane, id = 0): Item => ({ type, id });

function takeAll(box: Mailbox<Item, string>): Item[] {
  const items: Item[] = [];
  for (let next = box.take(0); next !== undefined; next = box.take(0)) items.push(next);
  return items;
}

test('a lane takes messages up to its capacity, and not one more', (t) => {
  const { box } = mailbox(2);
  t.is(box.offer(item('bulk', 1), 0, null), 'accepted');
  t.true(box.hasRoom('bulk'));
  t.is(box.offer(item('bulk', 2), 0, null), 'accepted');
  t.false(box.hasRoom('bulk'));
  t.is(box.offer(item('bulk', 3), 0, null), 'refused');
  t.is(box.offer(item('control', 4), 0, null), 'accepted', 'another lane has room of its own');
  t.deepEqual(
    takeAll(box).map(({ id }) => id),
    [4, 1, 2],
  );
});

test('refuse: what does not fit is counted, and what is there stays', (t) => {
  const { box, dropped } = mailbox(1);
  box.offer(item('protocol', 1), 0, null);
  box.offer(item('protocol', 2), 0, null);
  t.like(box.counters().protocol, { accepted: 1, refused: 1, dropped: 0, depth: 1 });
  t.deepEqual(dropped, []);
});

test('dropOldest: the oldest of that lane makes way, is counted and told with its tag', (t) => {
  const { box, dropped } = mailbox(2, 'dropOldest');
  box.offer(item('control', 9), 0, null);
  box.offer(item('bulk', 1), 0, 'first');
  box.offer(item('bulk', 2), 0, null);
  t.is(box.offer(item('bulk', 3), 0, null), 'accepted');
  t.deepEqual(dropped, [{ id: 1, lane: 'bulk', tag: 'first' }]);
  t.like(box.counters().bulk, { accepted: 3, dropped: 1, refused: 0, depth: 2, highWater: 2 });
  t.is(box.size, 3);
  t.deepEqual(
    takeAll(box).map(({ id }) => id),
    [9, 2, 3],
  );
});

test('holdBack: a full lane says so and counts only what the host tells it', (t) => {
  const { box } = mailbox(1, 'holdBack');
  box.offer(item('bulk', 1), 0, null);
  t.is(box.offer(item('bulk', 2), 0, null), 'full');
  t.like(box.counters().bulk, { accepted: 1, refused: 0, heldBack: 0 });
  box.countHeldBack('bulk');
  box.countRefused('bulk');
  t.like(box.counters().bulk, { heldBack: 1, refused: 1 });
});

test('the more urgent lane goes first, and each lane keeps its order', (t) => {
  const { box } = mailbox(10);
  for (const id of [1, 2])
    for (const lane of ['bulk', 'protocol', 'control'] as const) box.offer(item(lane, id), 0, null);
  t.deepEqual(takeAll(box), [
    item('control', 1),
    item('control', 2),
    item('protocol', 1),
    item('protocol', 2),
    item('bulk', 1),
    item('bulk', 2),
  ]);
});

test('a lane that was passed over PASSED_OVER_MAX times comes next, not sooner', (t) => {
  const { box } = mailbox(100);
  box.offer(item('bulk'), 0, null);
  for (let id = 0; id < 2 * PASSED_OVER_MAX; id += 1) box.offer(item('protocol', id), 0, null);
  t.is(
    takeAll(box).findIndex(({ type }) => type === 'bulk'),
    PASSED_OVER_MAX,
  );
});

test('under a flood of control, protocol and bulk still get their turns, again and again', (t) => {
  const { box } = mailbox(200);
  for (let id = 0; id < 100; id += 1) box.offer(item('control', id), 0, null);
  for (let id = 0; id < 2; id += 1)
    for (const lane of ['protocol', 'bulk'] as const) box.offer(item(lane, id), 0, null);
  const order = takeAll(box).map(({ type }) => type);
  const places = (lane: Lane) => order.flatMap((type, place) => (type === lane ? [place] : []));
  t.deepEqual(places('protocol'), [PASSED_OVER_MAX, 2 * PASSED_OVER_MAX + 2]);
  t.deepEqual(places('bulk'), [PASSED_OVER_MAX + 1, 2 * PASSED_OVER_MAX + 3]);
});

test('being passed over counts only while the lane has messages', (t) => {
  const { box } = mailbox(100);
  for (let id = 0; id < 40; id += 1) box.offer(item('control', id), 0, null);
  for (let taken = 0; taken < PASSED_OVER_MAX; taken += 1) box.take(0);
  box.offer(item('bulk'), 0, null);
  t.is(box.take(0)?.type, 'control');
});

test('property: a lane with messages is never passed over more than PASSED_OVER_MAX + 1 times in a row', (t) => {
  const lanes = ['control', 'protocol', 'bulk'] as const;
  const arrival = fc.constantFrom<Lane>(...lanes, 'control', 'control', 'protocol');
  fc.assert(
    fc.property(fc.array(fc.array(arrival, { maxLength: 4 }), { maxLength: 300 }), (arrivals) => {
      const { box } = mailbox(2000);
      const passedOver = { control: 0, protocol: 0, bulk: 0 };
      for (const batch of arrivals) {
        for (const lane of batch) box.offer(item(lane), 0, null);
        const waiting = lanes.filter((lane) => box.counters()[lane].depth > 0);
        const taken = box.take(0)?.type;
        for (const lane of waiting) passedOver[lane] = lane === taken ? 0 : passedOver[lane] + 1;
        for (const lane of lanes) t.true(passedOver[lane] <= PASSED_OVER_MAX + 1);
      }
    }),
  );
});

test('waiting and processing time are summed by lane, and the high water mark stays', (t) => {
  const { box } = mailbox(10);
  box.offer(item('bulk'), 100, 'tag');
  box.offer(item('bulk'), 130, null);
  box.take(150);
  t.is(box.takenLane, 'bulk');
  t.is(box.takenWaitedMs, 50);
  t.is(box.takenTag, 'tag');
  box.countHandled('bulk', 3);
  box.take(160);
  t.is(box.takenTag, null);
  box.countHandled('bulk', 4);
  t.deepEqual(box.counters().bulk, {
    depth: 0,
    highWater: 2,
    accepted: 2,
    handled: 2,
    refused: 0,
    dropped: 0,
    heldBack: 0,
    waitedMs: 80,
    processedMs: 7,
  });
});

for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`a capacity of ${capacity} is a configuration error that names the lane`, (t) => {
    t.throws(() => mailbox(capacity), {
      name: 'ConfigurationError',
      code: 'MAILBOX_CAPACITY',
      message: /lane control .* whole number from 1/,
    });
  });
}
