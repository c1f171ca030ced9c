import test from 'ava';
import { VoteFrames } from '../../bench/vote-frames.js';
import { limits } from '../../src/config/limits.js';

test('a vote that goes out where nothing is under way is written when the turn ends, and told of once', (t) => {
  const frames = new VoteFrames();
  frames.handedOver(1, 120, 'vote');
  frames.handedOver(1, 120, null);
  t.deepEqual(frames.turnEnded(), ['vote']);
  t.deepEqual(frames.turnEnded(), []);
  t.is(frames.written(1), null);
  t.is(frames.written(1), null);
});

test('a vote behind frames of an earlier turn is written when the news of it comes, and those after it as they go', (t) => {
  const frames = new VoteFrames();
  frames.handedOver(1, 1000, null);
  t.deepEqual(frames.turnEnded(), []);
  frames.handedOver(1, 120, 'behind');
  frames.handedOver(2, 120, 'elsewhere');
  t.deepEqual(frames.turnEnded(), ['elsewhere']);
  t.is(frames.written(1), null);
  frames.handedOver(1, 120, 'behind that');
  t.deepEqual(frames.turnEnded(), [], 'what it waits for is still under way');
  t.is(frames.written(1), 'behind');
  t.is(frames.written(1), 'behind that');
  frames.handedOver(1, 120, 'free again');
  t.deepEqual(frames.turnEnded(), ['free again']);
});

test('what a turn has for a socket beyond one write is known to be written by the news alone', (t) => {
  const frames = new VoteFrames();
  frames.handedOver(1, limits.gatheredBytes - 120, null);
  frames.handedOver(1, 120, 'fits');
  t.deepEqual(frames.turnEnded(), ['fits']);
  frames.written(1);
  frames.written(1);
  frames.handedOver(1, limits.gatheredBytes, null);
  frames.handedOver(1, 120, 'beyond');
  t.deepEqual(frames.turnEnded(), []);
  t.is(frames.written(1), null);
  t.is(frames.written(1), 'beyond');
});

test('what was under way on a connection that is gone is never written', (t) => {
  const frames = new VoteFrames();
  frames.handedOver(1, 1000, null);
  frames.turnEnded();
  frames.handedOver(1, 120, 'lost');
  frames.closed(1);
  t.deepEqual(frames.turnEnded(), []);
  t.is(frames.written(1), null);
});
