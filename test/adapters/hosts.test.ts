import { mock } from 'node:test';
import test from 'ava';
import { systemRandom } from '../../src/adapters/random.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { systemTimers } from '../../src/adapters/system-timers.js';
import { scheduleTurn } from '../../src/adapters/turn-scheduler.js';

test('the clock never goes back', (t) => {
  const moments = Array.from({ length: 1000 }, () => systemClock());
  t.deepEqual(
    moments,
    [...moments].sort((x, y) => x - y),
  );
});

test('random bytes are a plain Uint8Array of the asked length, different each time', (t) => {
  const bytes = systemRandom.bytes(16);
  t.is(bytes.length, 16);
  t.is(Object.getPrototypeOf(bytes), Uint8Array.prototype);
  t.notDeepEqual(bytes, systemRandom.bytes(16));
  t.is(systemRandom.bytes(0).length, 0);
});

test('a turn runs after the call and after the microtasks, and lets the event loop go round between turns', async (t) => {
  const order: string[] = [];
  const turns = new Promise<void>((resolve) => {
    scheduleTurn(() => {
      order.push('turn 1');
      // With microtasks in its place the second turn would come before this immediate.
      setImmediate(() => order.push('event loop'));
      scheduleTurn(() => {
        order.push('turn 2');
        resolve();
      });
    });
  });
  queueMicrotask(() => order.push('microtask'));
  order.push('call');
  await turns;
  t.deepEqual(order, ['call', 'microtask', 'turn 1', 'event loop', 'turn 2']);
});

const LONGEST_MS = 2 ** 31 - 1;

test.serial('a timer fires once after its delay, even a delay longer than Node takes, and not when cancelled', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const fired: string[] = [];
    systemTimers.start(10, () => fired.push('short'));
    systemTimers.start(LONGEST_MS + 5, () => fired.push('long'));
    const cancelledEarly = systemTimers.start(10, () => fired.push('cancelled'));
    const cancelledLate = systemTimers.start(LONGEST_MS + 5, () => fired.push('cancelled late'));
    systemTimers.cancel(cancelledEarly);
    mock.timers.tick(9);
    t.deepEqual(fired, []);
    mock.timers.tick(1);
    t.deepEqual(fired, ['short']);
    mock.timers.tick(LONGEST_MS - 10);
    t.deepEqual(fired, ['short']);
    systemTimers.cancel(cancelledLate);
    mock.timers.tick(5);
    t.deepEqual(fired, ['short', 'long']);
  } finally {
    mock.timers.reset();
  }
});
