import test from 'ava';
import fc from 'fast-check';
import { commandTimeoutMs, heartbeatMs, resendMs, viewTimeoutMs } from '../../src/protocol/view-timer.js';

test('the view timer grows by a fifth with each tenure ended by a TC, eight times and no more', (t) => {
  t.is(viewTimeoutMs(1000, 0), 1000);
  t.is(viewTimeoutMs(1000, 1), 1200);
  t.is(Math.round(viewTimeoutMs(1000, 7)), 3583);
  t.is(Math.round(viewTimeoutMs(1000, 8)), 4300);
  t.is(viewTimeoutMs(1000, 9), viewTimeoutMs(1000, 8));
  t.is(viewTimeoutMs(1000, 1_000_000), viewTimeoutMs(1000, 8));
});

test('re-sending comes after a quarter, a heartbeat after a third, a complaint after four', (t) => {
  t.is(resendMs(1000, 0), 250);
  t.is(resendMs(1000, 1), 300);
  t.is(heartbeatMs(900), 300);
  t.is(commandTimeoutMs(1000, 0), 4000);
  t.is(commandTimeoutMs(1000, 1), 4800);
});

test('a heartbeat comes in time for every view timer, however often tenures have ended', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 60_000 }), fc.nat(100), (base, ended) => {
      return 3 * heartbeatMs(base) <= viewTimeoutMs(base, ended) + 1e-6;
    }),
  );
  t.pass();
});
