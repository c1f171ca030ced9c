import test from 'ava';
import { Random, stream } from '../../src/simulation/random.js';
import { Scheduler } from '../../src/simulation/scheduler.js';

test('events happen in the order of their times, and those of one time in the order of asking', (t) => {
  const scheduler = new Scheduler();
  const random = new Random(1);
  const happened: number[] = [];
  const asked = Array.from({ length: 500 }, (_, index) => ({ index, at: random.below(20) }));
  for (const { index, at } of asked) scheduler.at(at, 'timer', () => happened.push(index));
  while (scheduler.step(Number.POSITIVE_INFINITY) !== null);
  const expected = [...asked].sort((a, b) => a.at - b.at || a.index - b.index).map(({ index }) => index);
  t.deepEqual(happened, expected);
  t.is(scheduler.events, 500);
});

test('what is cancelled never happens and is no event', (t) => {
  const scheduler = new Scheduler();
  const event = scheduler.at(1, 'timer', () => t.fail());
  scheduler.at(2, 'timer', () => {});
  scheduler.cancel(event);
  t.is(scheduler.step(Number.POSITIVE_INFINITY)?.at, 2);
  t.is(scheduler.events, 1);
});

test('time never goes back: what is due earlier happens now', (t) => {
  const scheduler = new Scheduler();
  scheduler.at(10, 'timer', () => scheduler.at(3, 'timer', () => {}));
  scheduler.step(Number.POSITIVE_INFINITY);
  t.is(scheduler.step(Number.POSITIVE_INFINITY)?.at, 10);
});

test('a stream follows from its seed and name alone', (t) => {
  const net = stream(7, 'net');
  const first = [net.uint32(), net.uint32()];
  stream(7, 'disk').uint32();
  const again = stream(7, 'net');
  t.deepEqual([again.uint32(), again.uint32()], first);
  t.not(stream(8, 'net').uint32(), first[0]);
  t.not(stream(7, 'disk').uint32(), first[0]);
});
