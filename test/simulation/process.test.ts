import test from 'ava';
import { SimulatedProcess } from '../../src/simulation/process.js';
import { Scheduler } from '../../src/simulation/scheduler.js';

function stage() {
  const scheduler = new Scheduler();
  const process = new SimulatedProcess('a process', scheduler);
  const fired: string[] = [];
  const start = (name: string, delayMs: number): unknown =>
    process.timers.start(delayMs, () => fired.push(`${name} at ${scheduler.now}, by its clock ${process.clock()}`));
  const at = (now: number, act: () => void) => scheduler.at(now, 'fault', act);
  const run = (): readonly string[] => {
    while (scheduler.step(Number.POSITIVE_INFINITY) !== null);
    return fired;
  };
  return { scheduler, process, fired, start, at, run };
}

test('a timer under way keeps its time by the clock whose rate changes', (t) => {
  const { process, start, at, run } = stage();
  start('slowed', 100);
  at(50, () => process.setClockRate(0.5));
  t.deepEqual(run(), ['slowed at 150, by its clock 100']);
});

test('a timer under way follows each change of the rate, and one that was started meanwhile too', (t) => {
  const { process, start, at, run } = stage();
  start('first', 100);
  at(20, () => process.setClockRate(2));
  at(40, () => start('second', 100));
  // It is 80 by its clock then, and the second is due at 160.
  at(50, () => process.setClockRate(1));
  t.deepEqual(run(), ['first at 70, by its clock 100', 'second at 130, by its clock 160']);
});

test('whoever asks for it is told of each timer that fires in its life, and of none after it or that was cancelled', (t) => {
  const scheduler = new Scheduler();
  const fired: number[] = [];
  const process = new SimulatedProcess('a process', scheduler, () => fired.push(scheduler.now));
  for (const delayMs of [10, 20, 40]) process.timers.start(delayMs, () => undefined);
  process.timers.cancel(process.timers.start(15, () => undefined));
  scheduler.at(30, 'fault', () => process.crash());
  while (scheduler.step(Number.POSITIVE_INFINITY) !== null);
  t.deepEqual(fired, [10, 20]);
});

test('timers of one moment fire in the order of their starts, whatever the rate was in between', (t) => {
  const { process, start, at, run } = stage();
  for (const name of ['a', 'b', 'c']) start(name, 100);
  at(30, () => process.setClockRate(0.9));
  at(60, () => process.setClockRate(1.1));
  t.deepEqual(
    run().map((line) => line[0]),
    ['a', 'b', 'c'],
  );
});

test('a timer that is cancelled after a change of the rate never fires; cancelling one that has fired does nothing', (t) => {
  const { process, start, at, run } = stage();
  const cancelled = start('cancelled', 100);
  const past = start('past', 10);
  at(50, () => process.setClockRate(0.5));
  at(60, () => process.timers.cancel(cancelled));
  at(70, () => process.timers.cancel(past));
  t.deepEqual(run(), ['past at 10, by its clock 10']);
});

test('a timer that fired in a pause is not started anew by a change of the rate', (t) => {
  const { process, start, at, run } = stage();
  start('once', 100);
  at(50, () => process.pause());
  at(120, () => process.setClockRate(0.5));
  at(200, () => process.resume());
  t.deepEqual(run(), ['once at 200, by its clock 160']);
});

test('a clock that leaps takes no timer with it', (t) => {
  const { process, start, at, run } = stage();
  start('unmoved', 100);
  at(50, () => process.jumpClock(1000));
  t.deepEqual(run(), ['unmoved at 100, by its clock 1100']);
});

test('no timer of a process that has crashed fires', (t) => {
  const { process, start, at, run } = stage();
  start('dead', 100);
  at(50, () => process.crash());
  at(60, () => process.setClockRate(2));
  t.deepEqual(run(), []);
});
