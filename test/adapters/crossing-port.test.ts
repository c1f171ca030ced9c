import test from 'ava';
import { portAt, servePort } from '../../src/adapters/crossing-port.js';
import { threadPorts } from '../../src/adapters/thread-port.js';
import type { PortFactory } from '../../src/runtime/behaviour.js';

interface Effect {
  readonly type: 'add';
  readonly number: number;
}
interface Answer {
  readonly type: 'sum';
  readonly sum: number;
}

/** A port that adds up, and an actor's side of it; both ways are messages, whatever threads their ends are on. */
function adding(deliver: (answer: Answer) => boolean = () => true) {
  const performed: number[] = [];
  const taken: boolean[] = [];
  let closing: () => void = () => undefined;
  let sum = 0;
  const create: PortFactory<Effect, Answer> = (tell) => ({
    perform: ({ number }) => {
      performed.push(number);
      sum += number;
      taken.push(tell({ type: 'sum', sum }));
    },
    close: () => new Promise((resolve) => (closing = resolve)),
  });
  const [near, far] = threadPorts();
  servePort(far, create);
  const port = portAt<Effect, Answer>(near)(deliver);
  return { port, far, performed, taken, finish: () => closing() };
}

/** Lets whatever is on its way arrive: both ends are on this thread, and take turns with its event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('effects are performed in order at the other end, and each answer is delivered at this one', async (t) => {
  const sums: number[] = [];
  const { port, performed } = adding(({ sum }) => sums.push(sum) > 0);
  for (const number of [1, 2, 3]) port.perform({ type: 'add', number });
  t.deepEqual(performed, [], 'nothing is performed on the actor’s own thread');
  await settled();
  t.deepEqual(performed, [1, 2, 3]);
  t.deepEqual(sums, [1, 3, 6]);
});

test('once an answer is refused the other end is told so, and delivers nothing more', async (t) => {
  let delivered = 0;
  const { port, taken } = adding(() => {
    delivered += 1;
    return false;
  });
  port.perform({ type: 'add', number: 1 });
  await settled();
  port.perform({ type: 'add', number: 2 });
  await settled();
  t.deepEqual(taken, [true, false]);
  t.is(delivered, 1);
});

test('a close is over when that of the other end is', async (t) => {
  const { port, finish } = adding();
  let isClosed = false;
  const closing = port.close().then(() => (isClosed = true));
  await settled();
  t.false(isClosed);
  finish();
  await closing;
  t.true(isClosed);
});

test('a close is over when the other end is gone', async (t) => {
  const { port, far } = adding();
  far.close();
  await t.notThrowsAsync(port.close());
});
