import test from 'ava';
import { detachFromFrame, type PendingCommand } from '../../../actors/proposal-generator/pending-command.js';
import { asReplicaId, asSequence } from '../../../src/protocol/numbers.js';
import { clientOf } from '../../support/command-blocks.js';

/** A command of `bytes` bytes that is a view into a frame of `frame` bytes. */
function arrived(frame: ArrayBuffer, bytes: number): PendingCommand {
  const command = { sequence: asSequence(1), bytes: new Uint8Array(frame, 0, bytes).fill(7) };
  const stands = { acceptedAt: 0, claims: 0, gone: false, listed: false };
  return { client: clientOf(1), command, source: asReplicaId(0), address: '', ...stands };
}

test('a small command does not keep the large frame that it came in', (t) => {
  const pending = arrived(new ArrayBuffer(1_000_000), 10);
  detachFromFrame([pending]);
  t.is(pending.command.bytes.buffer.byteLength, 10);
  t.deepEqual(pending.command.bytes, new Uint8Array(10).fill(7));
});

test('commands that make up half of their frame are not copied, less are', (t) => {
  const half = (500 + 12) * 2 * 10 + 1024;
  for (const [frameBytes, copied] of [
    [half, false],
    [half + 1, true],
  ] as const) {
    const frame = new ArrayBuffer(frameBytes);
    const all = Array.from({ length: 10 }, () => arrived(frame, 500));
    detachFromFrame(all);
    for (const { command } of all) t.is(command.bytes.buffer !== frame, copied);
  }
});
