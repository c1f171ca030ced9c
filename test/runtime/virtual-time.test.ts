import test from 'ava';
import { VirtualTime } from '../support/virtual-time.js';

test('timers fire by due time, then by order of starting, at their own moments', (t) => {
  const time = new VirtualTime();
  const fired: string[] = [];
  const at = (name: string) => () => fired.push(`${name} at ${time.clock()}`);
  time.timers.start(20, at('late'));
  time.timers.start(10, at('first'));
  time.timers.start(10, at('second'));
  time.timers.cancel(time.timers.start(10, at('cancelled')));
  time.advance(9);
  t.deepEqual(fired, []);
  time.advance(1);
  t.deepEqual(fired, ['first at 10', 'second at 10']);
  time.advance(100);
  t.deepEqual(fired, ['first at 10', 'second at 10', 'late at 20']);
  t.is(time.now, 110);
});

test('what a timer schedules runs before the next timer fires', (t) => {
  const time = new VirtualTime();
  const order: string[] = [];
  time.timers.start(1, () => {
    order.push('timer 1');
    time.schedule(() => order.push('scheduled by 1'));
  });
  time.timers.start(1, () => order.push('timer 2'));
  time.advance(1);
  t.deepEqual(order, ['timer 1', 'scheduled by 1', 'timer 2']);
});

test('runs that schedule themselves for ever are found', (t) => {
  const time = new VirtualTime();
  const again = () => time.schedule(again);
  again();
  t.throws(() => time.runUntilIdle(), { message: /no rest/ });
});
