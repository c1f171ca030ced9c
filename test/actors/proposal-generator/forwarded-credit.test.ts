import test from 'ava';
import { asReplicaId } from '../../../src/protocol/numbers.js';
import type { CommandBatch } from '../../../src/wire/peer-messages.js';
import { batchOf, blockOf, range } from '../../support/command-blocks.js';
import { GeneratorHarness } from '../../support/generator-harness.js';

function consumed(harness: GeneratorHarness): readonly (readonly [peer: number, commands: number, bytes: number])[] {
  return harness
    .sent('network')
    .flatMap((message) =>
      message.type === 'commandsConsumed' ? [[message.peer, message.commands, message.bytes] as const] : [],
    );
}

const forward = (harness: GeneratorHarness, peer: number, batch: CommandBatch): void => {
  harness.tell({ type: 'commandsForwarded', from: asReplicaId(peer), batches: [batch] });
};

test('credit for forwarded commands goes back when they are executed, not when they are read or proposed', (t) => {
  const harness = GeneratorHarness.ready({ leading: true });
  const batch = batchOf(1, [1, 2]);
  forward(harness, 1, batch);
  t.deepEqual(consumed(harness), []);
  harness.want();
  t.deepEqual(consumed(harness), []);
  harness.commit(blockOf({ height: 1, batches: [batch] }), [batch]);
  t.deepEqual(consumed(harness), [[1, 2, 26]]);
});

test('credit for commands that come to nothing goes back a share of a body at each block', (t) => {
  const harness = GeneratorHarness.ready({ leading: true, batch: { commands: 40 } });
  forward(harness, 1, batchOf(1, range(1, 20)));
  forward(harness, 1, batchOf(1, range(1, 20)));
  forward(harness, 2, batchOf(2, [1]));
  t.deepEqual(consumed(harness), []);
  harness.commit(blockOf({ height: 1, body: new Uint8Array(0) }), []);
  t.deepEqual(
    consumed(harness).map(([peer, commands]) => [peer, commands]),
    [[1, 10]],
  );
  harness.commit(blockOf({ height: 2, body: new Uint8Array(0) }), []);
  harness.commit(blockOf({ height: 3, body: new Uint8Array(0) }), []);
  t.deepEqual(consumed(harness), [], 'each is given back once');
});

test('after a change of leaders credit for what came to nothing goes back at once: peers send again', (t) => {
  const harness = GeneratorHarness.ready({ leading: true });
  forward(harness, 1, batchOf(1, range(1, 20)));
  forward(harness, 1, batchOf(1, range(1, 20)));
  harness.lead(false);
  t.like(consumed(harness), [[1, 20]]);
});

test('credit for a replica’s own commands is nobody’s', (t) => {
  const harness = GeneratorHarness.ready({ leading: true });
  const batch = batchOf(1, [1]);
  harness.submit(batch);
  harness.commit(blockOf({ height: 1, batches: [batch] }), [batch]);
  t.deepEqual(consumed(harness), []);
});
