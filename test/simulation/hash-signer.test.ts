import test from 'ava';
import { asReplicaId } from '../../src/protocol/numbers.js';
import { hashSigner, hashVerifier } from '../../src/simulation/hash-signer.js';

const sign = (id: number, message: readonly number[]): Uint8Array =>
  hashSigner(asReplicaId(id)).sign(Uint8Array.from(message));

test('a signature is good for its signer and message', (t) => {
  const message = Uint8Array.from([1, 2, 3, 4, 5]);
  const signature = hashSigner(asReplicaId(3)).sign(message);
  t.is(signature.length, 64);
  t.true(hashVerifier.verify(asReplicaId(3), message, signature));
  t.false(hashVerifier.verify(asReplicaId(2), message, signature));
  t.false(hashVerifier.verify(asReplicaId(3), Uint8Array.from([1, 2, 3, 4, 6]), signature));
});

test('messages that are alike but for zeros before their bytes, or behind them, have different signatures', (t) => {
  for (const [one, other] of [
    [[5], [0, 0, 0, 5]],
    [
      [1, 2],
      [0, 0, 0, 1, 0, 0, 0, 2],
    ],
    [
      [1, 2, 3, 4, 7],
      [1, 2, 3, 4, 0, 0, 0, 7],
    ],
    [[], [0]],
    [[9], [9, 0]],
  ] as const)
    t.notDeepEqual(sign(0, one), sign(0, other), `${one} beside ${other}`);
});

test('no two of many short messages have one signature', (t) => {
  const signatures = new Set<string>();
  let messages = 0;
  for (let length = 0; length <= 9; length += 1) {
    for (let byte = 0; byte < 20; byte += 1) {
      for (let at = 0; at < Math.max(1, length); at += 1) {
        const message = new Uint8Array(length);
        if (length > 0) message[at] = byte + 1;
        else if (byte > 0) continue;
        messages += 1;
        for (const id of [0, 1]) signatures.add(Buffer.from(sign(id, [...message])).toString('hex'));
      }
    }
  }
  t.is(signatures.size, 2 * messages);
});
