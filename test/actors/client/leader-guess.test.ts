import test from 'ava';
import { LeaderGuess } from '../../../actors/client/leader-guess.js';
import { asReplicaId, asView, type ReplicaId } from '../../../src/protocol/numbers.js';

const ids = (...replicas: number[]): ReplicaId[] => replicas.map(asReplicaId);
const hint = (guess: LeaderGuess, from: number, leader: number, view: number): void =>
  guess.hinted(asReplicaId(from), asView(view), asReplicaId(leader));

test('without any hint the first replica is the guess, and a single hint is better than none', (t) => {
  const guess = new LeaderGuess(4, 2);
  t.is(guess.current, asReplicaId(0));
  hint(guess, 3, 2, 1);
  t.is(guess.current, asReplicaId(2));
});

test('a guess that some replica supports yields to f+1 equal hints only', (t) => {
  const guess = new LeaderGuess(4, 2);
  hint(guess, 0, 1, 5);
  hint(guess, 3, 3, 1000);
  t.is(guess.current, asReplicaId(1));
  hint(guess, 2, 3, 6);
  t.is(guess.current, asReplicaId(3));
});

test('f+1 hints for an earlier view than those believed last change nothing', (t) => {
  const guess = new LeaderGuess(7, 3);
  for (const from of [0, 1, 2]) hint(guess, from, 5, 100);
  for (const from of [3, 4, 6]) hint(guess, from, 4, 99);
  t.is(guess.current, asReplicaId(5));
  hint(guess, 3, 4, 101);
  hint(guess, 4, 4, 101);
  t.is(guess.current, asReplicaId(5), 'one of the three is older: only two prove view 101');
  hint(guess, 6, 4, 101);
  t.is(guess.current, asReplicaId(4));
});

test('an older hint of the same replica does not take its newer one back', (t) => {
  const guess = new LeaderGuess(4, 2);
  hint(guess, 0, 1, 20);
  hint(guess, 0, 2, 5);
  t.is(guess.current, asReplicaId(1));
});

test('a liar that names a view far ahead does not stand in the way of later hints', (t) => {
  const guess = new LeaderGuess(4, 2);
  hint(guess, 3, 1, 2 ** 52);
  hint(guess, 0, 1, 10);
  t.is(guess.current, asReplicaId(1));
  hint(guess, 0, 2, 11);
  hint(guess, 1, 2, 12);
  t.is(guess.current, asReplicaId(2));
});

test('a leader outside the cluster is no leader', (t) => {
  const guess = new LeaderGuess(4, 2);
  for (const from of [0, 1, 2, 3]) hint(guess, from, 4, 10);
  t.is(guess.current, asReplicaId(0));
});

test('when the guess fails the most hinted of the others follows, else the next in order', (t) => {
  const guess = new LeaderGuess(4, 2);
  guess.failed(asReplicaId(0), ids(1, 2, 3));
  t.is(guess.current, asReplicaId(1));
  guess.failed(asReplicaId(3), ids(1, 2));
  t.is(guess.current, asReplicaId(1), 'another one failed, not the guess');
  guess.failed(asReplicaId(1), ids(0));
  t.is(guess.current, asReplicaId(0));
  guess.failed(asReplicaId(0), []);
  t.is(guess.current, asReplicaId(0), 'nobody is left to guess');
  hint(guess, 2, 3, 4);
  guess.failed(asReplicaId(3), ids(0, 1, 2));
  hint(guess, 1, 2, 3);
  guess.failed(asReplicaId(0), ids(1, 2));
  t.is(guess.current, asReplicaId(2));
});
