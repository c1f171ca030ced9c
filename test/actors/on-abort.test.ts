import { getEventListeners } from 'node:events';
import test from 'ava';
import { onAbort } from '../../actors/on-abort.js';

test('each is called once, in order, and one listener serves all of a signal', (t) => {
  const controller = new AbortController();
  const called: number[] = [];
  const ends = [1, 2, 3].map((id) => onAbort(controller.signal, () => called.push(id)));
  t.is(getEventListeners(controller.signal, 'abort').length, 1);
  ends[1]?.();
  controller.abort();
  controller.abort();
  t.deepEqual(called, [1, 3]);
});

test('signals are told apart, and one that is ended for all may be listened to again', (t) => {
  const [one, two] = [new AbortController(), new AbortController()];
  const called: string[] = [];
  onAbort(one.signal, () => called.push('one'))();
  onAbort(one.signal, () => called.push('one again'));
  onAbort(two.signal, () => called.push('two'));
  one.abort();
  t.deepEqual(called, ['one again']);
});

test('a signal that is aborted already is answered at once', (t) => {
  const called: number[] = [];
  onAbort(AbortSignal.abort(), () => called.push(1))();
  t.deepEqual(called, [1]);
});
