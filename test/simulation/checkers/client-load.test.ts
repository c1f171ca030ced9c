/** L6 for clients: copies of one command that come to one correct replica in a second. */
import test from 'ava';
import { asClientId, asSequence } from '../../../src/protocol/numbers.js';
import { ClientLoadChecker } from '../../../src/simulation/checkers/client-load.js';

const LIAR = 3;
const client = asClientId('c'.repeat(32));

function checker() {
  const accused: string[] = [];
  const options = { replicas: 4, baseTimeoutMs: 1000, isHonest: (replica: number) => replica !== LIAR };
  const load = new ClientLoadChecker({
    ...options,
    accuse: (invariant, detail) => accused.push(`${invariant} ${detail}`),
  });
  const send = (to: number, sequence: number, now: number) =>
    load.requested(
      to,
      { type: 'submit', client, commands: [{ sequence: asSequence(sequence), bytes: new Uint8Array() }] },
      now,
    );
  return { accused, send };
}

test('a client that sends a replica one command too often in a second is accused, once', (t) => {
  const { accused, send } = checker();
  for (let copy = 0; copy < 16; copy += 1) send(1, 7, 2000 + copy * 25);
  t.deepEqual(accused, []);
  for (let copy = 16; copy < 30; copy += 1) send(1, 7, 2000 + copy * 25);
  t.deepEqual(accused, [`L6 command ${client}/7 came to replica 1 17 times within 400.0 ms; 16 at most in 1000 ms`]);
});

test('other commands, other replicas, liars and later seconds are counted by themselves', (t) => {
  const { accused, send } = checker();
  for (let copy = 0; copy < 100; copy += 1) {
    send(copy % 2, copy, copy);
    send(0, 1, copy * 100);
    send(LIAR, 1, copy);
  }
  t.deepEqual(accused, []);
});
