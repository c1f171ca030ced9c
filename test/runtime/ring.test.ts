import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import fc from 'fast-check';
import { Ring } from '../../src/runtime/ring.js';

test('a ring gives back what was pushed, in order, with its moment and tag, over many growths and laps', (t) => {
  const steps = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant('push') }, fc.constant('shift')), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(steps, (commands) => {
      const ring = new Ring<number, string>();
      const model: number[] = [];
      let next = 0;
      for (const command of commands) {
        if (command === 'push') {
          ring.push(next, next * 2, `tag ${next}`);
          model.push(next);
          next += 1;
          continue;
        }
        const head = model[0];
        if (head !== undefined) {
          t.is(ring.headSince, head * 2);
          t.is(ring.headTag, `tag ${head}`);
        }
        t.is(ring.shift(), model.shift());
      }
      while (model.length > 0) t.is(ring.shift(), model.shift());
      t.is(ring.size, 0);
    }),
  );
});

/** Ends the present job, for the whole of which a WeakRef's target is kept, and collects garbage. */
async function collectGarbage(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

test('a ring does not keep alive what was taken out of it', async (t) => {
  const ring = new Ring<object, object>();
  const push = () => {
    const [item, tag] = [{}, {}];
    ring.push(item, 0, tag);
    return [new WeakRef(item), new WeakRef(tag)] as const;
  };
  const taken = push();
  const kept = push();
  ring.shift();
  await collectGarbage();
  t.deepEqual(
    taken.map((ref) => ref.deref()),
    [undefined, undefined],
  );
  t.true(kept.every((ref) => ref.deref() !== undefined));
  t.is(ring.size, 1);
});
